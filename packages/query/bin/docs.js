#!/usr/bin/env node
// Writes what is generated in docs/find.md: the table of attributes.
import { readFileSync, writeFileSync } from 'node:fs'
import { attributeManual } from '../dist/src/index.js'

const file = new URL('../../../docs/find.md', import.meta.url)
const text = readFileSync(file, 'utf8')
writeFileSync(file, text.replace(/^\| attribute \|[\s\S]*?\n(?!\|)/m, () => attributeManual()))
