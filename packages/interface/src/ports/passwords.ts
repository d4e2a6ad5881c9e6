/** What one side keeps to itself until the other has answered, and what it sends. */
export interface PasswordStep { state: string, message: string }

/**
 * Passwords that prove themselves to whoever holds a record of them, and give a key, while the holder learns neither
 * (OPAQUE, RFC 9807). Whoever has a record can only guess, and each guess costs what stretching costs.
 *
 * A user registers: `startRegistration`, at the holder `answerRegistration`, `finishRegistration`. And logs in:
 * `startLogin`, at the holder `answerLogin`, `finishLogin`, at the holder `checkLogin`. All texts are for the other
 * steps alone to read; what cannot be read rejects EPROTO.
 */
export interface Passwords {
  /** A holder's own secret, for one user: with another, a record is worth nothing. */
  createSetup (): Promise<string>
  startRegistration (password: string): Promise<PasswordStep>
  answerRegistration (asked: { setup: string, user: string, message: string }): Promise<string>
  /** `record` is for the holder; `key`, 32 bytes, is the same at each login with this record, and of no other. */
  finishRegistration (given: { password: string, state: string, answer: string }): Promise<{
    record: string, key: Uint8Array
  }>
  startLogin (password: string): Promise<PasswordStep>
  /** Without a record, answers as if there were one, of another password. */
  answerLogin (asked: {
    setup: string, user: string, record: string | undefined, message: string
  }): Promise<PasswordStep>
  /** Undefined: the password is another. `message` proves to the holder that it is not. */
  finishLogin (given: { password: string, state: string, answer: string }): Promise<{
    message: string, key: Uint8Array
  } | undefined>
  /** Whether `message` proves that the password was right. */
  checkLogin (given: { state: string, message: string }): Promise<boolean>
  /** Locks up bytes by a key of 32 bytes. `nonce` has 12 and never comes twice with one key. */
  seal (key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Uint8Array
  /** The bytes again; undefined: it was locked by another key, or changed since. */
  open (key: Uint8Array, sealed: Uint8Array): Uint8Array | undefined
}
