/** Also where there is no such thing as full screen. */
const filled = (): boolean => Boolean(document.fullscreenElement);

/** Whether the page fills the screen. */
export class FullScreen {
  on = $state(filled());

  /** Follows it until ended, and then leaves it: what comes after a room has no button for that. */
  follow(): () => void {
    const look = (): void => void (this.on = filled());
    document.addEventListener('fullscreenchange', look);
    return () => {
      document.removeEventListener('fullscreenchange', look);
      if (filled()) void document.exitFullscreen();
    };
  }

  /** Rejects where the system does not let a page. */
  async toggle(): Promise<void> {
    // With menus and questions, which are not inside the room.
    if (!filled()) await document.documentElement.requestFullscreen();
    else await document.exitFullscreen();
  }
}
