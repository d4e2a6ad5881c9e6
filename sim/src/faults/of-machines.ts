import { drawInteger, type Cancel } from '@welkin/interface'
import { z } from 'zod'
import { darkness } from '../topology/power.ts'
import { span } from '../scenario/units.ts'
import { endAll, faultKind } from './fault.ts'

/** Machines boot one after the other, within so long. */
const BOOT_SPREAD_MS = 2000

export const powerCut = faultKind({
  about: 'The street\'s power fails; batteries and generators bridge what they can.',
  settings: z.strictObject({}),
  strikes: ['one node', 'one rack', 'one site'],
  forMsMax: 60_000,
  begin ({ cloud, layout, switches, random }, { groups, forMs }) {
    const ends = groups.flat().map(name => {
      const dark = darkness(forMs, layout.backupOf(name))
      if (dark === undefined) return () => {}
      let raise: Cancel | undefined
      let isOver = false
      const bootMs = random.unit() * BOOT_SPREAD_MS
      const light = (): void => {
        raise?.()
        isOver = true
      }
      const dim = (): void => {
        if (!isOver) raise = switches.fell(name, 'power-cut')
      }
      // At once where nothing bridges it, so that all that is fed together dies together.
      if (dark.fromMs === 0) dim()
      else cloud.after(dark.fromMs, dim)
      cloud.after(dark.untilMs + bootMs, light)
      return () => { cloud.after(bootMs, light) }
    })
    return endAll(ends)
  }
})

export const crash = faultKind({
  about: 'A daemon is killed; its machine and its tasks go on.',
  settings: z.strictObject({}),
  strikes: ['one node', '10%'],
  forMsMax: 20_000,
  begin ({ switches }, { groups }) {
    return endAll(groups.flat().map(name => switches.fell(name, 'crash')))
  }
})

export const pause = faultKind({
  about: 'A daemon stands still, as by SIGSTOP.',
  settings: z.strictObject({}),
  strikes: ['one node', '10%'],
  forMsMax: 15_000,
  begin ({ switches }, { groups }) {
    return endAll(groups.flat().map(name => switches.pause(name)))
  }
})

export const flap = faultKind({
  about: 'A daemon dies and comes back, again and again.',
  settings: z.strictObject({ period: span.prefault('4s') }),
  strikes: ['one node'],
  forMsMax: 40_000,
  draw: random => ({ period: `${1 + drawInteger(random, 10)}s` }),
  begin ({ cloud, switches }, { groups, settings: { period } }) {
    let raise: Cancel | undefined
    let isOver = false
    const turn = (): void => {
      if (isOver) return
      if (raise === undefined) raise = endAll(groups.flat().map(name => switches.fell(name, 'crash')))
      else {
        raise()
        raise = undefined
      }
      cloud.after(period / 2, turn)
    }
    turn()
    return () => {
      raise?.()
      isOver = true
    }
  }
})

export const rollingRestart = faultKind({
  about: 'Daemons are restarted one after the other, as for an upgrade.',
  settings: z.strictObject({ down: span.prefault('2s'), every: span.prefault('5s') }),
  strikes: ['one rack', 'one site'],
  forMsMax: 120_000,
  begin ({ cloud, switches }, { groups, settings: { down, every } }) {
    const left = groups.flat()
    let isOver = false
    const next = (): void => {
      const name = left.shift()
      if (name === undefined || isOver) return
      cloud.after(down, switches.fell(name, 'crash'))
      cloud.after(every, next)
    }
    next()
    return () => { isOver = true }
  }
})

export const busy = faultKind({
  about: 'Something else on the machine takes its CPUs and memory.',
  isInside: true,
  settings: z.strictObject({
    /** As a share of all CPUs; above 1 where somebody has to wait. */
    cpu: z.number().min(0).max(10).default(1),
    /** Bytes. */
    memory: z.number().min(0).default(4 * 2 ** 30)
  }),
  strikes: ['one node', '10%', 'one rack'],
  forMsMax: 60_000,
  draw: random => ({ cpu: random.unit() * 2 }),
  begin ({ inside }, { groups, settings: { cpu, memory } }) {
    const load = (share: number): void => {
      for (const name of groups.flat()) {
        inside?.machines.get(name)?.setBackgroundLoad({ cpuBusyRatio: cpu * share, memoryBytes: memory * share })
      }
    }
    load(1)
    return () => load(0)
  }
})
