#!/usr/bin/env node
import { existsSync } from 'node:fs'

const main = new URL('../dist/src/main.js', import.meta.url)
if (existsSync(main)) {
  const { run } = await import(main.href)
  await run(process.argv.slice(2))
} else {
  process.stderr.write('welkin: it is not built yet; run "npm ci" in the repository first.\n')
  process.exitCode = 1
}
