import { QUERY_LIMITS } from '@welkin/abi'
import type { CloudError } from '@welkin/interface'
import { KEYWORDS } from './keywords.ts'
import { Lexer, type Token } from './lexer.ts'
import { syntaxError } from './syntax-error.ts'
import { exampleOf, formatAmount, isSuffix, parseAmount, type Unit } from './units.ts'

/**
 * Walks through the tokens of a query. What begins with `is` looks at the token that comes next; with `take` moves on
 * if it is the one asked for, and says whether it was; what else is read throws EINVAL where it does not stand there.
 */
export class Cursor {
  readonly #text: string
  readonly #lexer: Lexer
  #token: Token

  constructor (text: string) {
    this.#text = text
    this.#lexer = new Lexer(text)
    this.#token = this.#lexer.next()
  }

  /** The token that comes next. */
  get token (): Token {
    return this.#token
  }

  isKeyword (word: string): boolean {
    return this.#token.kind === 'word' && this.#token.text.toLowerCase() === word
  }

  isSymbol (symbol: string): boolean {
    return this.#token.kind === 'symbol' && this.#token.text === symbol
  }

  takeKeyword (word: string): boolean {
    const is = this.isKeyword(word)
    if (is) this.#advance()
    return is
  }

  takeSymbol (symbol: string): boolean {
    const is = this.isSymbol(symbol)
    if (is) this.#advance()
    return is
  }

  /** One of these words, in upper or lower case. */
  oneOf<Word extends string> (words: readonly Word[]): Word {
    const found = words.find(word => this.takeKeyword(word))
    if (found === undefined) throw this.unexpected(words.join(', '))
    return found
  }

  /** One of these symbols. */
  symbol<Text extends string> (...symbols: readonly Text[]): Text {
    const found = symbols.find(symbol => this.takeSymbol(symbol))
    if (found === undefined) throw this.unexpected(symbols.join(' '))
    return found
  }

  /** A name without quotes that is no keyword, as it stands. */
  name (expected: string): string {
    const { kind, text } = this.#token
    if (kind !== 'word' || KEYWORDS.includes(text.toLowerCase())) throw this.unexpected(expected)
    this.#advance()
    return text
  }

  /** A word, in quotes or not, that `isFit`. */
  word (expected: string, isFit: (word: string) => boolean = () => true): string {
    const { kind, text } = this.#token
    if (text.length > QUERY_LIMITS.charactersMax) {
      throw this.fault(this.#token, `A word has at most ${QUERY_LIMITS.charactersMax} characters.`)
    }
    if (kind !== 'string') this.#refuseKeyword(expected)
    if (kind === 'symbol' || kind === 'end' || !isFit(text)) throw this.unexpected(expected)
    this.#advance()
    return text
  }

  /** A number within its bounds, in the base unit; its unit may stand apart from it. */
  amount (unit: Unit, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY): number {
    const first = this.#token
    const alone = first.kind === 'word' ? parseAmount(first.text, unit) : undefined
    if (alone === undefined) throw this.unexpected(exampleOf(unit))
    this.#advance()
    const { kind, text } = this.#token
    const together = kind === 'word' && isSuffix(text, unit) ? parseAmount(first.text + text, unit) : undefined
    if (together !== undefined) this.#advance()
    const value = together ?? alone
    if (value < least) throw this.fault(first, `It must be at least ${formatAmount(least, unit)}.`)
    if (value > most) throw this.fault(first, `It must be at most ${formatAmount(most, unit)}.`)
    return value
  }

  /** In parentheses, with commas between, at least one. */
  list<Item> (read: () => Item): Item[] {
    this.symbol('(')
    const items = [read()]
    while (this.symbol(',', ')') === ',') items.push(read())
    return items
  }

  /** A list, or one item without parentheses. */
  oneOrMore<Item> (read: () => Item): Item[] {
    return this.isSymbol('(') ? this.list(read) : [read()]
  }

  /** The error that something else should stand where the next token is. */
  unexpected (expected: string): CloudError {
    const { kind, text } = this.#token
    const found = kind === 'end' ? 'the query ends' : `there is ${kind === 'string' ? JSON.stringify(text) : text}`
    return this.fault(this.#token, `Where ${found}, it expects ${expected}.`, expected)
  }

  fault ({ at }: Token, problem: string, expected?: string): CloudError {
    return syntaxError(this.#text, at, problem, expected)
  }

  #refuseKeyword (expected: string): void {
    const { text } = this.#token
    if (!KEYWORDS.includes(text.toLowerCase())) return
    const problem = `Where there is ${text}, it expects ${expected}; a value that is called so has quotes.`
    throw this.fault(this.#token, problem, expected)
  }

  #advance (): void {
    this.#token = this.#lexer.next()
  }
}
