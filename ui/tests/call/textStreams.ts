/** A text as the SDK hands it on: in parts, once somebody reads it. */
export interface Reader extends AsyncIterable<string> {
  readonly info: { readonly id: string; readonly attributes: Readonly<Record<string, string>> };
}
export type TextHandler = (reader: Reader, from: { readonly identity: string }) => void;

/** What is said of a text that is sent. */
export interface SentText {
  readonly topic: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly destinationIdentities?: readonly string[];
}
