/**
 * What happens when the user presses Join in a lobby: read this from top to bottom.
 *
 * Before: the button of `screens/Lobby.svelte` calls `join` with the visit whose devices it shows.
 * After: the user is in the room, and `ongoingCall.ts` says how that goes on and ends.
 */
import type { Call, ConnectedUser, GrantProvider } from '../call/model';
import { loadProvider } from '../call/providers';
import { platform, type Meeting } from '../platform';
import type { Arrivals } from './arrivals.svelte';
import { closeQuietly, OngoingCall, report, type CallSurroundings } from './ongoingCall';
import type { Router } from './router.svelte';
import type { Visit } from './visit.svelte';

/** What of the page takes part in joining. */
interface JoiningParts extends CallSurroundings {
  readonly router: Router;
  readonly arrivals: Arrivals;
}

/**
 * From the lobby into the room: the user is connected first, then the call is joined. `loadRoom`: what the
 * room is shown by has to be there before anybody is in it.
 */
export async function join(
  parts: JoiningParts,
  visit: Visit,
  loadRoom: () => Promise<void>,
): Promise<void> {
  const { arrivals, preferences, failures } = parts;
  const { meeting, left } = visit;
  // Once is enough, and one meeting at a time.
  if (arrivals.busy) return;
  visit.joining = true;
  report(platform.callConnecting(true));
  // What is wrong with the devices is so in the room as well.
  for (const subject of ['general', 'sign-in', 'call'] as const) failures.end(subject);
  void preferences.keepName();
  // Whoever comes back after a break is called the same, also if they are signed out by then.
  const name = preferences.name.trim();
  // Each time a fresh one: from the backend, by way of the program.
  const fetchGrant: GrantProvider = () => platform.fetchToken(meeting, name);
  let user: ConnectedUser | undefined;
  try {
    await loadRoom();
    user = await connectUser(meeting, fetchGrant, left);
    left.throwIfAborted();
    // Whoever goes elsewhere meanwhile is not there for others to see.
    const call = await joinCall(user, visit, fetchGrant);
    left.throwIfAborted();
    enterRoom(parts, visit, user, call);
  } catch (thrown) {
    if (!left.aborted) failures.caught('general', thrown);
    if (user !== undefined) void closeQuietly(user);
  } finally {
    visit.joining = false;
    // Who left this lobby may be on the way from another one by now.
    if (parts.router.visit?.joining !== true) report(platform.callConnecting(false));
  }
}

/** With the adapter of the meeting's provider, which gets a grant before it connects to anything. */
async function connectUser(
  meeting: Meeting,
  fetchGrant: GrantProvider,
  left: AbortSignal,
): Promise<ConnectedUser> {
  const provider = await loadProvider(meeting.provider).catch(async (thrown: unknown) => {
    // What is wrong at the backend comes first: whoever sets it up need not wait for a build
    // that can make the call.
    await fetchGrant();
    throw thrown;
  });
  const last = { granted: false };
  const grants: GrantProvider = async () => {
    last.granted = false;
    const grant = await fetchGrant();
    last.granted = true;
    return grant;
  };
  try {
    return await provider.connectUser(grants, left);
  } catch (thrown) {
    // What the backend says is known already; of the server the SDK often only knows that it failed.
    if (last.granted && !left.aborted) await platform.checkMeeting(meeting);
    throw thrown;
  }
}

/** The call of the user's grant, with the devices of the lobby. */
async function joinCall(
  user: ConnectedUser,
  { meeting, devices, left }: Visit,
  fetchGrant: GrantProvider,
): Promise<Call> {
  try {
    return await user.join(devices, left);
  } catch (thrown) {
    if (left.aborted) throw thrown;
    // As while connecting; the token may have run out by now.
    await fetchGrant();
    await platform.checkMeeting(meeting);
    throw thrown;
  }
}

/** Shows the room, and follows the call until it ends: then home is shown. */
function enterRoom(parts: JoiningParts, visit: Visit, user: ConnectedUser, call: Call): void {
  const { router, arrivals } = parts;
  platform.log('info', `joined ${visit.meeting.room}`);
  visit.devices.entered();
  const ongoing = new OngoingCall(visit.meeting, user, call, parts, () => {
    // A meeting that the user is on the way to is not overtaken by this.
    router.fallBack({ name: 'home' });
    // There is no call left to ask about.
    arrivals.answer(true);
  });
  router.show({ name: 'room', visit, ongoing });
  ongoing.begin();
}
