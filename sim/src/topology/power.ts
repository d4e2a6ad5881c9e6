import type { PowerBackup } from './layout.ts'

/** From when until when a machine is dark, counted from the beginning of an outage; undefined: it never is. */
export function darkness (outageMs: number, { upsMs, generatorMs = Infinity }: PowerBackup): Darkness | undefined {
  const untilMs = Math.min(outageMs, generatorMs)
  return untilMs <= upsMs ? undefined : { fromMs: upsMs, untilMs }
}

export interface Darkness { fromMs: number, untilMs: number }
