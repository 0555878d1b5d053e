import { describe, expect, it } from 'vitest';
import { patchSockets } from '../src/socket';

/** A connection of the webview that ends as the test says. */
class Native extends EventTarget {
  static readonly OPEN = 1;
  onerror: (() => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(readonly url: string) {
    super();
    // Handlers of the page come after what the polyfill listens to, as they are set later.
    queueMicrotask(() => {
      this.addEventListener('error', () => this.onerror?.());
      this.addEventListener('close', (event) => this.onclose?.(event as CloseEvent));
    });
  }

  fail(): void {
    this.dispatchEvent(new Event('error'));
  }

  end(code: number): void {
    this.dispatchEvent(Object.assign(new Event('close'), { code }));
  }
}

/** A connection of a page, as LiveKit's SDK makes a stream of it; what the page heard, in order. */
async function connect(): Promise<{ socket: Native; heard: string[]; read: Promise<unknown> }> {
  const scope = { WebSocket: Native as never };
  patchSockets(scope);
  const socket: Native = new (scope.WebSocket as typeof Native)('ws://server.invalid');
  const heard: string[] = [];
  const stream = new ReadableStream({
    start(controller) {
      socket.onerror = () => {
        heard.push('error');
        controller.error(new Error('failed'));
      };
      socket.onclose = ({ code }) => {
        heard.push(`close ${code}`);
        if (code === 1000) controller.close();
        else controller.error(new Error('lost'));
      };
    },
  });
  await Promise.resolve();
  return { socket, heard, read: stream.getReader().read() };
}

describe('a WebSocket of the page', () => {
  it('that was said goodbye to and then reset ends as one that was only said goodbye to', async () => {
    const { socket, heard, read } = await connect();
    socket.fail();
    socket.end(1000);
    expect(heard).toEqual(['close 1000']);
    await expect(read).resolves.toEqual({ done: true, value: undefined });
  });

  it('that was lost without a word fails', async () => {
    const { socket, heard, read } = await connect();
    socket.fail();
    socket.end(1006);
    expect(heard).toEqual(['error', 'close 1006']);
    await expect(read).rejects.toThrow('failed');
  });

  it('stays what it was otherwise', async () => {
    const { socket } = await connect();
    expect(socket).toBeInstanceOf(Native);
    expect(socket.url).toBe('ws://server.invalid');
    expect(socket.constructor.name).toBe('WebSocket');
    expect(socket.constructor).toHaveProperty('OPEN', 1);
  });
});
