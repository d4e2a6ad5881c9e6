import { ATTRIBUTES, comparedWith } from './attributes.ts'

/** The attributes as a table in Markdown: name, what it is compared with, what it is. */
export function attributeManual (): string {
  const rows = [...ATTRIBUTES].map(([name, attribute]) => {
    return `| \`${name}\` | ${comparedWith(attribute)} | ${attribute.about} |`
  })
  return ['| attribute | compared with | |', '|---|---|---|', ...rows].join('\n') + '\n'
}
