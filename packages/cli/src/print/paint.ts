import { styleText } from 'node:util'

export type Format = 'bold' | 'dim' | 'green' | 'inverse' | 'red' | 'yellow'

/** `text` in that colour where the output is a terminal whose user has not asked for none (https://no-color.org). */
export function paint (format: Format, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  const coloured = stream.isTTY && (process.env['NO_COLOR'] ?? '') === ''
  return coloured ? styleText(format, text) : text
}
