import { I32, type FunctionType } from '../../src/binary/types.ts'
import { ModuleWriter } from '../../src/binary/sections.ts'
import { Writer } from '../../src/binary/writer.ts'
import { Chance } from './chance.ts'
import { RandomBody } from './random-body.ts'
import { BlockTypes, IMPORTS, RUN, TYPES, zeroOf, type World } from './world.ts'

/**
 * A valid module that ends by itself, drawn from a seed: `run`, which takes an i32 and gives one, imports of `env`, a
 * memory, a table that changes, segments, and globals. Nothing depends on the bits of a NaN.
 */
export function randomModule (seed: number): Uint8Array {
  const chance = new Chance(seed)
  const own = Array.from({ length: 2 + chance.below(6) }, (): FunctionType => ({
    params: chance.list(3, () => chance.pick(TYPES)), results: chance.list(3, () => chance.pick(TYPES))
  }))
  const types = [{ params: [I32], results: [I32] }, ...IMPORTS.map(([, type]) => type), ...own]
  const defined = [0, ...Array.from({ length: 3 + chance.below(6) }, () => 5 + chance.below(own.length))]
  const functions = [1, 2, 3, 4, ...defined]
  const globals = [I32, ...TYPES, ...chance.list(3, () => chance.pick(TYPES))]
  const order = functions.map((_, index) => index).filter(index => index !== RUN).toSorted(() => chance.below(3) - 1)
  const world: World = { types, functions, globals, tableSize: functions.length + 2, order }
  const blocks = new BlockTypes(types)
  const bodies = defined.map((type, nth) => {
    return new RandomBody(chance, world, blocks, types[type] as FunctionType, nth === 0).write()
  })
  const out = new ModuleWriter()
  out.listed(1, blocks.list, (to, { params, results }) => {
    to.byte(0x60).list(params, type => { to.byte(type) }).list(results, type => { to.byte(type) })
  })
  out.listed(2, IMPORTS, (to, [name]) => {
    to.name('env').name(name).byte(0).u32(1 + IMPORTS.findIndex(([each]) => each === name))
  })
  out.listed(3, defined, (to, type) => { to.u32(type) })
  out.listed(4, [0], to => { to.byte(0x70).byte(0).u32(world.tableSize) })
  out.listed(5, [0], to => { to.byte(1).u32(1).u32(3) })
  out.listed(6, globals, (to, type) => { to.byte(type).byte(1).raw(zeroOf(type)).byte(0x0b) })
  out.section(7, new Writer().u32(2).name('run').byte(0).u32(RUN).name('memory').byte(2).u32(0).written)
  // Functions in the table, and again in a passive segment.
  out.listed(9, [0, 1], (to, segment) => {
    if (segment === 0) to.u32(0).byte(0x41).byte(1).byte(0x0b)
    else to.u32(1).byte(0)
    to.list(order, index => { to.u32(index) })
  })
  out.section(12, new Writer().u32(2).written)
  out.listed(10, bodies, (to, body) => { to.sized(body) })
  out.listed(11, [0, 1], (to, segment) => {
    if (segment === 0) to.u32(0).byte(0x41).byte(16).byte(0x0b)
    else to.u32(1)
    to.sized(Uint8Array.from({ length: 32 }, () => chance.below(256)))
  })
  return out.written
}
