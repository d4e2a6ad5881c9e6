import type { NodeId, Zone } from '@welkin/interface'

/** A node that was just found to be down. */
export interface Loss { id: NodeId, name: string, zone: Zone }

/** The rest of a zone is not looked at more often than this. */
const MOMENT_MS = 100

/** What is to be told of losses: of a zone of which all went at once, or of single nodes. */
export type Report = { zone: Zone, nodes: Loss[] } | { node: Loss }

/** Milliseconds: how long losses are held back, and how long at the most while the rest of their zone is in doubt. */
export interface HoldBounds { holdMs: number, doubtMs: number }

interface Held { losses: Loss[], untilMs: number, latestMs: number }

/**
 * Tells the loss of a rack from that of nodes: losses are held back for a moment, longer while it is not known whether
 * the rest of their zone goes too, and where all of a zone's nodes went, two at least, they are one report (paper
 * III.B.1: failures of a rack's power come together). Pure.
 */
export class ZoneLosses {
  readonly #held = new Map<Zone, Held>()
  readonly #bounds: HoldBounds

  constructor (bounds: HoldBounds) {
    this.#bounds = bounds
  }

  /** When the next report is due; undefined: nothing is held. */
  get dueMs (): number | undefined {
    const dues = Array.from(this.#held.values(), ({ untilMs }) => untilMs)
    return dues.length === 0 ? undefined : Math.min(...dues)
  }

  add (loss: Loss, nowMs: number): void {
    const { holdMs, doubtMs } = this.#bounds
    const held = this.#held.get(loss.zone)
    if (held !== undefined) held.losses.push(loss)
    else this.#held.set(loss.zone, { losses: [loss], untilMs: nowMs + holdMs, latestMs: nowMs + doubtMs })
  }

  /** A node came back before its loss was told: there is nothing to tell. Says whether that is so. */
  retract (id: NodeId, zone: Zone): boolean {
    const held = this.#held.get(zone)
    const at = held?.losses.findIndex(loss => loss.id === id) ?? -1
    if (held === undefined || at < 0) return false
    held.losses.splice(at, 1)
    if (held.losses.length === 0) this.#held.delete(zone)
    return true
  }

  /** What is due by now. `upIn` says how many nodes of a zone are up; `suspectedIn`, how many of them may not be. */
  take (nowMs: number, upIn: (zone: Zone) => number, suspectedIn: (zone: Zone) => number): Report[] {
    const reports: Report[] = []
    for (const [zone, held] of this.#held) {
      const up = upIn(zone)
      if (up > 0 && nowMs < held.untilMs) continue
      if (up > 0 && suspectedIn(zone) > 0 && nowMs < held.latestMs) {
        held.untilMs = Math.min(held.latestMs, nowMs + Math.max(MOMENT_MS, this.#bounds.holdMs))
        continue
      }
      this.#held.delete(zone)
      if (up === 0 && held.losses.length > 1) reports.push({ zone, nodes: held.losses })
      else reports.push(...held.losses.map(node => ({ node })))
    }
    return reports
  }
}
