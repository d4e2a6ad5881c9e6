import type { NodeId, Zone } from '@welkin/interface'

/** A node that was just found to be down. */
export interface Loss { id: NodeId, name: string, zone: Zone }

/** What is to be told of losses: of a zone of which all went at once, or of single nodes. */
export type Report = { zone: Zone, nodes: Loss[] } | { node: Loss }

/**
 * Tells the loss of a rack from that of nodes: losses are held back for a moment, and where all of a zone's nodes, two
 * at least, went within it, they are one report (paper III.B.1: failures of a rack's power come together). Pure.
 */
export class ZoneLosses {
  readonly #held = new Map<Zone, { losses: Loss[], untilMs: number }>()
  readonly #holdMs: number

  constructor (holdMs: number) {
    this.#holdMs = holdMs
  }

  /** When the next report is due; undefined: nothing is held. */
  get dueMs (): number | undefined {
    const dues = Array.from(this.#held.values(), ({ untilMs }) => untilMs)
    return dues.length === 0 ? undefined : Math.min(...dues)
  }

  add (loss: Loss, nowMs: number): void {
    const held = this.#held.get(loss.zone)
    if (held === undefined) this.#held.set(loss.zone, { losses: [loss], untilMs: nowMs + this.#holdMs })
    else held.losses.push(loss)
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
      // The rest of the rack is about to go as well: worth one more moment.
      if (up > 0 && up === suspectedIn(zone) && nowMs < held.untilMs + this.#holdMs) continue
      if (up > 0 && nowMs < held.untilMs) continue
      this.#held.delete(zone)
      if (up === 0 && held.losses.length > 1) reports.push({ zone, nodes: held.losses })
      else reports.push(...held.losses.map(node => ({ node })))
    }
    return reports
  }
}
