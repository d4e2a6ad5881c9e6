import type { RunRecord } from '../record.ts'

export function renderReport (record: RunRecord): string { return JSON.stringify(record) }
