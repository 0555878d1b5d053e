/** Pictures of cameras and screens that nobody has to sit in front of. */

type Paint = (brush: CanvasRenderingContext2D, width: number, height: number) => void;

interface Painted {
  readonly canvas: HTMLCanvasElement;
  readonly again: () => void;
}

const all: Painted[] = [];

/** A camera's or a screen's track that shows one picture. */
export function painted(paint: Paint, width: number, height: number): MediaStreamTrack {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const brush = canvas.getContext('2d');
  const stream = canvas.captureStream();
  const [track] = stream.getVideoTracks();
  if (brush === null || track === undefined) throw new Error('this browser paints nothing');
  const again = (): void => paint(brush, width, height);
  again();
  all.push({ canvas, again });
  return track;
}

/** Everything is painted anew: an element that came since then gets a picture, too. */
export function paintAgain(): void {
  for (const { again } of all) again();
}

/** A number that is always the same for a name, 0 to 359. */
const hue = (name: string): number =>
  Array.from(name).reduce((sum, sign) => (sum * 31 + (sign.codePointAt(0) ?? 0)) % 360, 7);

const SKINS = ['#f0c8a4', '#c98f63', '#8a5a3b', '#e3b088', '#6b4630'] as const;
const HAIRS = ['#2b1d16', '#5a3a22', '#191919', '#8c5a2b', '#b9b4ae'] as const;

const of = <Item>(list: readonly [Item, ...Item[]], index: number): Item =>
  list[index % list.length] ?? list[0];

/** Somebody in a room, drawn plainly; another one for another name. */
export function somebody(name: string): Paint {
  const tone = hue(name);
  return (brush, width, height) => {
    const unit = Math.min(width, height) / 100;
    // Plain colours: a picture of them is small.
    brush.fillStyle = `hsl(${tone} 26% 48%)`;
    brush.fillRect(0, 0, width, height);
    brush.fillStyle = `hsl(${tone} 28% 40%)`;
    brush.fillRect(0, height * 0.72, width, height * 0.28);
    // A window, and a shelf.
    brush.fillStyle = `hsl(${tone} 30% 66%)`;
    brush.fillRect(width * 0.08, height * 0.1, width * 0.17, height * 0.42);
    brush.fillStyle = `hsl(${tone} 22% 26%)`;
    brush.fillRect(width * 0.74, height * 0.34, width * 0.26, height * 0.03);
    for (const [index, high] of [14, 18, 12, 16, 10].entries()) {
      brush.fillStyle = `hsl(${(tone + index * 47) % 360} 34% 46%)`;
      brush.fillRect(
        width * 0.76 + index * 4.6 * unit,
        height * 0.34 - high * unit,
        3.6 * unit,
        high * unit,
      );
    }
    const middle = width / 2;
    const shape = (colour: string, ...rounds: (readonly [number, number, number, number])[]) => {
      brush.fillStyle = colour;
      for (const [x, y, wide, high] of rounds) {
        brush.beginPath();
        brush.ellipse(
          middle + x * unit,
          height - (100 - y) * unit,
          wide * unit,
          high * unit,
          0,
          0,
          2 * Math.PI,
        );
        brush.fill();
      }
    };
    const hair = of(HAIRS, tone);
    const skin = of(SKINS, tone);
    shape(hair, [0, 44, 19, 24]);
    if (tone % 2 === 0) shape(hair, [-14, 62, 7, 20], [14, 62, 7, 20]);
    shape(skin, [0, 72, 7, 12]);
    shape(`hsl(${(tone + 150) % 360} 38% 42%)`, [0, 112, 38, 34]);
    shape(skin, [0, 78, 7, 4], [0, 50, 15.5, 20]);
    shape(hair, [0, 34, 15, 8]);
    shape('#26211e', [-5.6, 50, 1.5, 1.9], [5.6, 50, 1.5, 1.9]);
    brush.strokeStyle = '#7a3d33';
    brush.lineWidth = unit;
    brush.beginPath();
    brush.arc(middle, height - 42 * unit, 5 * unit, 0.2 * Math.PI, 0.8 * Math.PI);
    brush.stroke();
  };
}

/** A page of figures on a screen: all of it has to be seen, up to its edges. */
export const document16by10: Paint = (brush, width, height) => {
  const unit = width / 100;
  brush.fillStyle = '#ffffff';
  brush.fillRect(0, 0, width, height);
  brush.fillStyle = '#1f3b64';
  brush.fillRect(0, 0, width, 6 * unit);
  brush.fillStyle = '#2f8f6b';
  brush.fillRect(0, 0, 2 * unit, height);
  brush.fillRect(width - 2 * unit, 0, 2 * unit, height);
  for (const [row, high] of [30, 44, 38, 52, 61, 57, 70].entries()) {
    brush.fillStyle = row === 6 ? '#e08a1e' : '#3f6fb5';
    const tall = (high / 100) * (height - 24 * unit);
    brush.fillRect(10 * unit + row * 7 * unit, height - 8 * unit - tall, 5 * unit, tall);
  }
  brush.fillStyle = '#c8ced8';
  for (let line = 0; line < 9; line += 1)
    brush.fillRect(
      66 * unit,
      14 * unit + line * 4.4 * unit,
      (line % 3 === 2 ? 14 : 26) * unit,
      unit,
    );
};
