// Put into a page by the harness: looks at what is painted and waits for what is to come.
(() => {
  if (window.harness) return;
  const CELLS = 44;
  const RANGE = 2 ** 40;

  /** The time stamp at the top of a picture (see rtc-media's timestamp_strip); null: unreadable. */
  function readStrip({ data, width, height }) {
    const strip = Math.floor(height);
    const levels = [];
    for (let cell = 0; cell < CELLS; cell += 1) {
      const left = Math.floor((cell * width) / CELLS);
      const right = Math.floor(((cell + 1) * width) / CELLS);
      const margin = Math.floor((right - left) / 4);
      let sum = 0;
      let count = 0;
      for (let y = Math.floor(strip / 4); y < Math.max((strip * 3) / 4, strip / 4 + 1); y += 1) {
        for (let x = left + margin; x < Math.max(right - margin, left + margin + 1); x += 1) {
          sum += data[(y * width + x) * 4 + 1];
          count += 1;
        }
      }
      levels.push(sum / count);
    }
    const [black, white] = levels;
    if (white < black + 64) return null;
    const middle = (white + black) / 2;
    if (levels.some((level) => Math.abs(level - middle) < (white - black) / 6)) return null;
    const bits = levels.map((level) => level > middle);
    const value = bits.slice(2, 42).reduce((sum, set) => sum * 2 + (set ? 1 : 0), 0);
    const parity = (odd) => bits.slice(2, 42).filter((set, i) => set && i % 2 === odd).length % 2 === 1;
    return bits[42] === parity(0) && bits[43] === parity(1) ? value : null;
  }

  const scratch = document.createElement('canvas');
  scratch.width = 8 * CELLS;
  scratch.height = 4;
  const context = scratch.getContext('2d', { willReadFrequently: true });

  /** What is painted for a video element: the polyfill's canvas over it, or the video itself. */
  function painted(video) {
    const over = video.nextElementSibling;
    const source = over && over.hasAttribute('data-webrtc-canvas') ? over : video;
    const width = source.videoWidth || source.width;
    const height = source.videoHeight || source.height;
    return { source, width, height };
  }

  const small = document.createElement('canvas');
  small.width = 160;
  small.height = 90;
  const smallContext = small.getContext('2d', { willReadFrequently: true });
  /** A shrunk copy of the painted pixels, as text: differs whenever the picture does. */
  function digestOf(video) {
    const { source, width, height } = painted(video);
    if (!(width > 0 && height > 0)) return null;
    smallContext.drawImage(source, 0, 0, width, height, 0, 0, small.width, small.height);
    const { data } = smallContext.getImageData(0, 0, small.width, small.height);
    let digest = 0;
    for (let i = 0; i < data.length; i += 4) digest = (Math.imul(digest, 31) + data[i + 1]) | 0;
    return digest;
  }

  /** Whether more than one colour is painted. */
  function hasPicture(video) {
    const { source, width, height } = painted(video);
    if (!(width > 0 && height > 0)) return false;
    context.drawImage(source, 0, 0, width, height, 0, 0, scratch.width, scratch.height);
    const { data } = context.getImageData(0, 0, scratch.width, scratch.height);
    return data.some((value, index) => index % 4 === 1 && value !== data[1]);
  }

  function stripOf(video) {
    const { source, width, height } = painted(video);
    const rows = Math.floor(height / 12);
    if (!(width > 2 * CELLS && rows > 1)) return null;
    // Shrunk while drawing: reading back much would slow down what is being measured.
    context.drawImage(source, 0, 0, width, rows, 0, 0, scratch.width, scratch.height);
    return readStrip(context.getImageData(0, 0, scratch.width, scratch.height));
  }

  window.harness = {
    /**
     * Waits until the painted pixels have changed `pictures` times, and `stamps` different time
     * stamps could be read from them (not each one can: cells that flip with each picture suffer in
     * the codec), or for `limit` milliseconds. `seen` says whether they were; the rest are figures:
     * how many, how often, the median age, the painted size, the share of the time in which they stood
     * still for more than a fifth of a second, and how long that was at most.
     */
    pictures(selector, { pictures = 15, stamps = 3, limit = 60_000, milliseconds = 0 } = {}) {
      let video = document.querySelector(selector);
      const seen = new Map();
      let begin;
      // Once for each picture where the browser tells of them; what the polyfill paints it tells
      // of as well, but the test is to see the pixels, not the polyfill's word.
      const native = video && painted(video).source === video;
      let looking = true;
      let changes = 0;
      let last;
      let [moved, frozen, longestFreeze] = [undefined, 0, 0];
      const moves = () => {
        const now = performance.now();
        const stood = moved === undefined ? 0 : now - moved;
        moved = now;
        if (stood <= 200) return;
        frozen += stood;
        longestFreeze = Math.max(longestFreeze, stood);
      };
      return new Promise((resolve) => {
        const enough = () => changes >= pictures && seen.size >= stamps;
        const look = () => {
          if (!looking) return;
          const now = performance.timeOrigin + performance.now();
          const strip = video && stripOf(video);
          const digest = video && digestOf(video);
          const changed = digest !== last && last !== undefined;
          last = digest;
          // Counted from the first change: before it, nothing moved.
          if (changed && begin === undefined) begin = performance.now();
          else if (changed) changes += 1;
          if (changed) moves();
          if (strip !== null && !seen.has(strip)) seen.set(strip, ((now % RANGE) - strip + RANGE) % RANGE);
          if (enough() && performance.now() - begin >= milliseconds) end();
          else if (native) video.requestVideoFrameCallback(look);
        };
        const late = setTimeout(() => end(), limit);
        const polling = native ? undefined : setInterval(look, 8);
        // Whoever came back is shown by another element.
        const following = setInterval(() => {
          if (video?.isConnected) return;
          video = document.querySelector(selector);
          if (native) video?.requestVideoFrameCallback(look);
        }, 250);
        const end = () => {
          looking = false;
          clearTimeout(late);
          clearInterval(polling);
          clearInterval(following);
          const ages = [...seen.values()].sort((a, b) => a - b);
          const { width, height } = video ? painted(video) : { width: 0, height: 0 };
          const took = performance.now() - begin;
          if (moved !== undefined) moves();
          resolve({
            frozen: begin === undefined ? 1 : frozen / took,
            longestFreeze: begin === undefined ? limit : longestFreeze,
            seen: enough(),
            stamps: seen.size,
            pictures: changes,
            perSecond: begin === undefined ? 0 : (changes * 1000) / took,
            medianAge: ages[Math.floor(ages.length / 2)] ?? null,
            width,
            height,
          });
        };
        if (native) video.requestVideoFrameCallback(look);
      });
    },

    /**
     * Waits until what is painted for a video is of one colour in a part of it, each of `[red, green,
     * blue]` no further off than a codec makes it (`within`); resolves with what it is then, or after
     * `limit` milliseconds. `part`: left, top, width and height, as shares of the picture; else the middle.
     */
    colour(selector, wanted, { limit = 60_000, within = 16, part = [0.25, 0.25, 0.5, 0.5] } = {}) {
      const until = performance.now() + limit;
      return new Promise((resolve) => {
        const look = () => {
          const video = document.querySelector(selector);
          const { source, width, height } = video ? painted(video) : { width: 0, height: 0 };
          let is = null;
          if (width > 0 && height > 0) {
            const [x, y] = [part[0] * width, part[1] * height];
            const [wide, high] = [part[2] * width, part[3] * height];
            smallContext.drawImage(source, x, y, wide, high, 0, 0, small.width, small.height);
            const { data } = smallContext.getImageData(0, 0, small.width, small.height);
            const mean = (channel) =>
              data.reduce((sum, value, at) => sum + (at % 4 === channel ? value : 0), 0) / (data.length / 4);
            is = [0, 1, 2].map((channel) => Math.round(mean(channel)));
          }
          const near = is !== null && is.every((value, at) => Math.abs(value - wanted[at]) <= within);
          if (near || performance.now() > until) resolve({ near, is, width, height });
          else setTimeout(look, 50);
        };
        look();
      });
    },

    /** Counts what the page's timers do from now on; `ticks()` says how often they did. */
    countTicks() {
      let ticks = 0;
      setInterval(() => (ticks += 1), 10);
      window.harness.ticks = () => ticks;
    },

    /**
     * Clicks, and then the milliseconds until the first picture is painted for a selector's video and
     * until the first sound that is not silence has left a jitter buffer (webrtc-stats 8.4,
     * `totalAudioEnergy`); null: not in time.
     */
    firsts(button, selector, milliseconds) {
      const connections = new Set();
      const { prototype } = RTCPeerConnection;
      const original = prototype.setRemoteDescription;
      prototype.setRemoteDescription = function (...values) {
        connections.add(this);
        return original.apply(this, values);
      };
      const found = { picture: null, sound: null };
      const looks = [];
      return new Promise((resolve) => {
        const end = () => {
          clearTimeout(late);
          for (const look of looks) clearInterval(look);
          prototype.setRemoteDescription = original;
          resolve(found);
        };
        const late = setTimeout(end, milliseconds);
        const set = (name) => {
          if (found[name] !== null) return;
          found[name] = performance.now() - begin;
          if (found.picture !== null && found.sound !== null) end();
        };
        const lookAtPicture = () => {
          const video = document.querySelector(selector);
          if (found.picture === null && video && hasPicture(video)) set('picture');
        };
        const listen = async () => {
          if (found.sound !== null) return;
          for (const connection of connections) {
            if (connection.connectionState === 'closed') continue;
            for (const entry of (await connection.getStats()).values()) {
              if (entry.type === 'inbound-rtp' && entry.totalAudioEnergy > 0) set('sound');
            }
          }
        };
        looks.push(setInterval(lookAtPicture, 8), setInterval(() => void listen(), 25));
        const begin = performance.now();
        document.querySelector(button).click();
      });
    },

    /** From now on connections are known to `sounds`. */
    knowConnections() {
      const { prototype } = RTCPeerConnection;
      const original = prototype.setRemoteDescription;
      window.harness.connections = new Set();
      prototype.setRemoteDescription = function (...values) {
        window.harness.connections.add(this);
        return original.apply(this, values);
      };
    },

    /** What comes in of sound, and which elements play it: why something is not heard. */
    async sounds() {
      const incoming = [];
      for (const connection of window.harness.connections) {
        for (const entry of (await connection.getStats()).values()) {
          if (entry.type === 'inbound-rtp' && entry.kind === 'audio') incoming.push(entry);
        }
      }
      const told = ({ id, muted, enabled, readyState }) => ({ id, muted, enabled, readyState });
      const elements = [...document.querySelectorAll('audio, video')].map((element) => ({
        paused: element.paused,
        muted: element.muted,
        volume: element.volume,
        tracks: element.srcObject?.getAudioTracks().map(told),
      }));
      return { incoming, elements };
    },

    /** Milliseconds until a selector matches (or no longer does); -1 if not in time. */
    waitFor(selector, present, milliseconds) {
      const begin = performance.now();
      const holds = () => (document.querySelector(selector) !== null) === present;
      return new Promise((resolve) => {
        if (holds()) return resolve(performance.now() - begin);
        const observer = new MutationObserver(() => {
          if (holds()) finish(performance.now() - begin);
        });
        const timer = setTimeout(() => finish(-1), milliseconds);
        function finish(value) {
          clearTimeout(timer);
          observer.disconnect();
          resolve(value);
        }
        observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
      });
    },

    /**
     * Once the first thing that a selector matches has stood in one place for some frames: what comes above it
     * moves it away from under a click. Gives up on what never does.
     */
    async still(selector) {
      const place = () => {
        const box = document.querySelector(selector)?.getBoundingClientRect();
        return box && [box.x, box.y, box.width, box.height].join();
      };
      let [last, same] = [place(), 0];
      for (let frame = 0; frame < 200 && same < 3; frame += 1) {
        // A window that is not seen has no frames.
        await new Promise((next) => {
          const timer = setTimeout(next, 100);
          requestAnimationFrame(() => (clearTimeout(timer), next()));
        });
        same = place() === last ? same + 1 : 0;
        last = place();
      }
    },

    /** What can be read on the page, for who has waited in vain. */
    shown() {
      return (document.body?.innerText ?? '').replace(/\s+/g, ' ').slice(0, 600);
    },

    /** When a User Timing mark was set; -1 if not in time. */
    mark(name, milliseconds) {
      const set = () => performance.getEntriesByName(name)[0]?.startTime;
      return new Promise((resolve) => {
        if (set() !== undefined) return resolve(set());
        const observer = new PerformanceObserver(() => {
          if (set() !== undefined) finish(set());
        });
        const timer = setTimeout(() => finish(-1), milliseconds);
        function finish(value) {
          clearTimeout(timer);
          observer.disconnect();
          resolve(value);
        }
        observer.observe({ entryTypes: ['mark'] });
      });
    },

    /** Milliseconds until something that a selector matches has this in its text; -1 if not in time. */
    waitForText(selector, text, milliseconds) {
      const begin = performance.now();
      const holds = () => [...document.querySelectorAll(selector)].some((each) => each.textContent.includes(text));
      return new Promise((resolve) => {
        const look = () => {
          if (!holds()) return false;
          observer.disconnect();
          clearTimeout(timer);
          resolve(performance.now() - begin);
          return true;
        };
        const observer = new MutationObserver(look);
        const timer = setTimeout(() => {
          observer.disconnect();
          resolve(-1);
        }, milliseconds);
        if (!look()) observer.observe(document, { subtree: true, childList: true, characterData: true });
      });
    },

    /** Paints the page anew with each of its frames, although it looks the same. */
    keepPainting(on) {
      window.harness.painter?.remove();
      window.harness.painter = undefined;
      if (!on) return;
      const dot = document.createElement('i');
      dot.style.cssText = 'position:fixed;left:0;top:0;width:1px;height:1px;z-index:1000';
      document.body.append(dot);
      window.harness.painter = dot;
      let odd = false;
      const paint = () => {
        if (window.harness.painter !== dot) return;
        odd = !odd;
        dot.style.background = odd ? '#00000001' : '#ffffff01';
        requestAnimationFrame(paint);
      };
      requestAnimationFrame(paint);
    },

    /**
     * What nobody can see whole: words and controls that stick out of the window, are cut off, or lie
     * under something else. What scrolls and what ends in an ellipsis is no fault. What is on its way to
     * its place is looked at there, and never between a change and the frame that has it.
     */
    async layoutFaults() {
      const controls = 'button, input, textarea, a';
      const ends = (each) => each.effect?.getComputedTiming().endTime !== Infinity;
      // Meters follow a voice for ever, and have nothing to be read or pressed in them.
      const shows = (target) =>
        target != null &&
        (target.textContent.trim() !== '' || target.matches(controls) || target.querySelector(controls) !== null);
      for (;;) {
        // What follows a size is asked before this, as it was there before: in the same frame.
        await new Promise((laidOut) => {
          const last = new ResizeObserver(() => {
            last.disconnect();
            laidOut();
          });
          last.observe(document.documentElement);
        });
        const moving = document
          .getAnimations()
          .filter((each) => each.playState === 'running' && ends(each) && shows(each.effect?.target));
        if (moving.length === 0) break;
        // One that is overtaken by another ends, too.
        await Promise.allSettled(moving.map(({ finished }) => finished));
      }
      const faults = [];
      const { scrollWidth, scrollHeight } = document.documentElement;
      if (scrollWidth > innerWidth) faults.push(`the page is ${scrollWidth} wide`);
      if (scrollHeight > innerHeight) faults.push(`the page is ${scrollHeight} high`);
      // What lies over the page covers it on purpose.
      const over = '[role=alertdialog], [role=dialog], [role=menu]';
      const root = document.querySelector(over) ?? document.body;
      const shown = (element) =>
        element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
        !element.closest('.visually-hidden, [aria-hidden=true]');
      const says = ({ childNodes }) =>
        [...childNodes].some(({ nodeType, data }) => nodeType === Node.TEXT_NODE && data.trim() !== '');
      const isControl = (element) => element.matches(controls);
      const name = (element) => {
        const words = element.innerText || element.getAttribute('aria-label') || element.dataset.testid;
        return `${element.localName} "${(words ?? '').slice(0, 40)}"`;
      };
      const from = (start, end) => `${Math.round(start)} to ${Math.round(end)}`;
      for (const element of root.querySelectorAll('*')) {
        if (!(isControl(element) || says(element)) || !shown(element)) continue;
        const style = getComputedStyle(element);
        const inline = style.display === 'inline';
        if (!inline && style.overflowX !== 'visible' && style.textOverflow !== 'ellipsis')
          if (!isControl(element) && element.scrollWidth > element.clientWidth + 1)
            faults.push(`${name(element)} is cut off`);
        const box = element.getBoundingClientRect();
        // How far it may reach: to the edges of whatever clips it.
        const edge = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
        let [across, down] = [true, true];
        for (let above = element.parentElement; above !== null; above = above.parentElement) {
          const { overflowX, overflowY, textOverflow, position } = getComputedStyle(above);
          const clip = above.getBoundingClientRect();
          if (overflowX !== 'visible') {
            edge.left = Math.max(edge.left, clip.left);
            edge.right = Math.min(edge.right, clip.right);
            across &&= !['auto', 'scroll'].includes(overflowX) && textOverflow !== 'ellipsis';
          }
          if (overflowY !== 'visible') {
            edge.top = Math.max(edge.top, clip.top);
            edge.bottom = Math.min(edge.bottom, clip.bottom);
            down &&= !['auto', 'scroll'].includes(overflowY);
          }
          if (position === 'fixed') break;
        }
        const beyond = (one, other) => one > other + 1;
        if (across && (beyond(edge.left, box.left) || beyond(box.right, edge.right)))
          faults.push(
            `${name(element)} sticks out sideways: ${from(box.left, box.right)} of ${from(edge.left, edge.right)}`,
          );
        if (down && (beyond(edge.top, box.top) || beyond(box.bottom, edge.bottom)))
          faults.push(
            `${name(element)} sticks out at the top or bottom: ${from(box.top, box.bottom)} of ${from(edge.top, edge.bottom)}`,
          );
        const left = Math.max(box.left, edge.left);
        const right = Math.min(box.right, edge.right);
        const hiding = () => {
          const { top, bottom } = element.getBoundingClientRect();
          const y = (top + bottom) / 2;
          if (right - left < 1 || y <= edge.top || y >= edge.bottom) return null;
          const found = document.elementFromPoint((left + right) / 2, y);
          return found === null || found.contains(element) || element.contains(found) ? null : found;
        };
        let covering = hiding();
        if (covering !== null && !down) {
          // What scrolls may be below a bar that does not, and comes out from there.
          const places = [];
          for (let above = element.parentElement; above !== null; above = above.parentElement)
            places.push([above, above.scrollTop]);
          element.scrollIntoView({ block: 'nearest', behavior: 'instant' });
          covering = hiding();
          for (const [above, place] of places) above.scrollTop = place;
        }
        if (covering !== null) faults.push(`${name(element)} is under ${name(covering)}`);
      }
      return faults;
    },

    /** Waits until the page is as large as this. */
    sized(width, height) {
      return new Promise((resolve) => {
        const look = () => {
          if (innerWidth !== width || innerHeight !== height) return;
          removeEventListener('resize', look);
          // What follows the size is laid out anew with the next frames.
          requestAnimationFrame(() => requestAnimationFrame(resolve));
        };
        addEventListener('resize', look);
        look();
      });
    },

    /** Types into a field as a user would. */
    type(selector, text) {
      const field = document.querySelector(selector);
      field.focus();
      Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value').set.call(field, text);
      field.dispatchEvent(new Event('input', { bubbles: true }));
    },
  };
})();
