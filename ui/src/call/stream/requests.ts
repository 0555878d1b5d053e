import type { Participant, PermissionRequest } from '../model';
import { permissionFor, sourceFor } from './rights';

/** Requests that are kept at a time: nobody answers more, and everybody may send them. */
const MOST = 20;

/** What others ask to be allowed to publish. */
export class Requests {
  #all: readonly PermissionRequest[] = [];

  /** Each is one request, however often it comes. */
  begin(participant: Participant, permissions: readonly string[]): void {
    for (const permission of permissions) {
      const source = sourceFor(permission);
      const known = this.#all.some(
        (each) => each.participant === participant && each.source === source,
      );
      if (source === undefined || known || this.#all.length >= MOST) continue;
      this.#all = [...this.#all, { participant, source }];
    }
  }

  end(request: PermissionRequest): void {
    this.#all = this.#all.filter((each) => each !== request);
  }

  /** Somebody may do so much now, whoever let them. */
  given(identity: string, permissions: readonly string[]): void {
    this.#all = this.#all.filter(
      ({ participant, source }) =>
        participant.identity !== identity || !permissions.includes(permissionFor(source)),
    );
  }

  /** Those of who is still there, and does not show it yet. */
  open(present: readonly Participant[]): readonly PermissionRequest[] {
    this.#all = this.#all.filter(
      ({ participant, source }) =>
        present.includes(participant) && participant.tracks[source]?.muted !== false,
    );
    return this.#all;
  }
}
