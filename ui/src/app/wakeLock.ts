/**
 * Keeps the display on until what is returned is called (Screen Wake Lock), as far as the system lets the
 * page. The webview of Linux has no such lock: there the program asks the desktop.
 */
export function keepDisplayOn(): () => void {
  if (!('wakeLock' in navigator)) return () => undefined;
  const { wakeLock } = navigator;
  let held: WakeLockSentinel | undefined;
  let over = false;
  const ask = (): void => {
    // Who is not seen gets none, and loses the one they had.
    if (document.visibilityState !== 'visible') return;
    wakeLock.request('screen').then(
      (lock) => {
        if (over) void lock.release();
        else held = lock;
      },
      // It may be refused, on a low battery for one: then the display does what it does.
      () => undefined,
    );
  };
  document.addEventListener('visibilitychange', ask);
  ask();
  return () => {
    over = true;
    document.removeEventListener('visibilitychange', ask);
    void held?.release();
  };
}
