#!/usr/bin/env node
// Writes what is generated from the tables: docs/syscalls.md, docs/errors.md; with --publish, also the golden file of
// rows, unless one of them has done anything but grow.
import { readFileSync, writeFileSync } from 'node:fs'
import { errorManual, growthFaults, publishedRows, syscallManual } from '../dist/src/index.js'

const root = new URL('../../../', import.meta.url)
writeFileSync(new URL('docs/syscalls.md', root), syscallManual())
writeFileSync(new URL('docs/errors.md', root), errorManual())
if (process.argv.includes('--publish')) {
  const golden = new URL('packages/abi/test/published-rows.json', root)
  const rows = publishedRows()
  const faults = growthFaults(JSON.parse(readFileSync(golden, 'utf8')), JSON.parse(JSON.stringify(rows)))
  if (faults.length === 0) {
    writeFileSync(golden, JSON.stringify(rows, null, 2) + '\n')
  } else {
    console.error(`Nothing is published, for a published row only grows:\n${faults.join('\n')}`)
    process.exitCode = 1
  }
}
