// Two seconds that begin with the only key frame in them: the frames, in Base64.
async (codec, width, height, framerate) => {
  const frames = [];
  let failed;
  const encoder = new VideoEncoder({
    output(chunk) {
      const bytes = new Uint8Array(chunk.byteLength);
      chunk.copyTo(bytes);
      frames.push(btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')));
    },
    error: (error) => (failed = error),
  });
  encoder.configure({ codec, width, height, framerate, bitrate: 500_000 });
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  for (let i = 0; i < 2 * framerate; i += 1) {
    context.fillStyle = `hsl(${i * 6} 60% 50%)`;
    context.fillRect(0, 0, width, height);
    context.fillStyle = 'white';
    context.fillRect(i * 10, height / 3, 60, 60);
    const frame = new VideoFrame(canvas, { timestamp: (i * 1_000_000) / framerate });
    encoder.encode(frame, { keyFrame: i === 0 });
    frame.close();
  }
  await encoder.flush();
  if (failed) throw failed;
  return frames;
}
