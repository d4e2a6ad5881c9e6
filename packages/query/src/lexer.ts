import { syntaxError } from './syntax-error.ts'

/** `text` of a string is what its quotes stand for; `at` is where the token begins in the query's text. */
export interface Token { kind: 'word' | 'string' | 'symbol' | 'end', text: string, at: number }

const SPACE = /\s*/y
/** Names, numbers with units, zones, patterns: what needs no quotes. */
const WORD = /[\p{L}\p{N}_./:%+*?@-]+/uy
const SYMBOL = /[<>!]=|[<>=~(),]/y
/** As in JSON, or with single quotes and then without escapes. */
const STRING = /"(?:[^"\\]|\\.)*"|'[^']*'/sy

/** Cuts the text of a query into tokens, one at a time; `next` throws EINVAL for what begins none. */
export class Lexer {
  readonly #text: string
  #at = 0

  constructor (text: string) {
    this.#text = text
  }

  /** The token that comes next; at the end again and again the end. */
  next (): Token {
    this.#take(SPACE)
    const at = this.#at
    if (at === this.#text.length) return { kind: 'end', text: '', at: this.#text.trimEnd().length }
    const word = this.#take(WORD)
    if (word !== undefined) return { kind: 'word', text: word, at }
    const symbol = this.#take(SYMBOL)
    if (symbol !== undefined) return { kind: 'symbol', text: symbol, at }
    const quoted = this.#take(STRING)
    if (quoted !== undefined) return { kind: 'string', text: this.#unquote(quoted, at), at }
    const first = String.fromCodePoint(this.#text.codePointAt(at) as number)
    if (first === '"' || first === '\'') throw syntaxError(this.#text, at, `The ${first} is never closed.`)
    throw syntaxError(this.#text, at, `No part of a query begins with ${first}; quote what is a value.`)
  }

  #unquote (quoted: string, at: number): string {
    if (quoted.startsWith('\'')) return quoted.slice(1, -1)
    try {
      return JSON.parse(quoted) as string
    } catch {
      throw syntaxError(this.#text, at, 'Text in double quotes is written as in JSON; single quotes take it as it is.')
    }
  }

  #take (pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.#at = pattern.lastIndex
    return found
  }
}
