/**
 * A token, in one of two shapes. First a JWT that may be cut off, or encrypted and so with empty
 * parts: known by what `{"`, `{ "` and `{` with a line break begin with in base64url. Then three
 * parts or more of base64url, each too long to be that of a host name one meets.
 */
const TOKEN = /(?:eyJ|eyAi|\bew[o0])[\w-]{5,}(?:\.[\w-]*){0,4}|\b[\w-]{10,}(?:\.[\w-]{10,}){2,}/g;

/** Takes tokens out of a text: servers repeat them in what they answer. */
export function redact(text: string): string {
  return text.replace(TOKEN, '[token]');
}
