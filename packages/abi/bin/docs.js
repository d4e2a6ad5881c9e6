#!/usr/bin/env node
// Writes what is generated from the tables: docs/syscalls.md, docs/errors.md; with --publish, rows new to the golden file.
import { readFileSync, writeFileSync } from 'node:fs'
import { errorManual, publishedRows, syscallManual } from '../dist/src/index.js'

const root = new URL('../../../', import.meta.url)
writeFileSync(new URL('docs/syscalls.md', root), syscallManual())
writeFileSync(new URL('docs/errors.md', root), errorManual())
if (process.argv.includes('--publish')) {
  const golden = new URL('packages/abi/test/published-rows.json', root)
  const published = JSON.parse(readFileSync(golden, 'utf8'))
  writeFileSync(golden, JSON.stringify({ ...publishedRows(), ...published }, null, 2) + '\n')
}
