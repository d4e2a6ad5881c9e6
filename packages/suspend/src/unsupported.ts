/** Thrown within this room for what cannot be suspended; the message is the reason that the caller is told. */
export class Unsupported extends Error {}
