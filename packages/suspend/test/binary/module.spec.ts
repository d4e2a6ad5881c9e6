import { expect } from 'chai'
import { readModule } from '../../src/binary/module.ts'
import { ModuleWriter, writeElement } from '../../src/binary/sections.ts'
import { F64, FUNCREF, I32, I64 } from '../../src/binary/types.ts'
import { wat } from '../kit/wat.ts'

describe('a module, taken apart', () => {
  it('has its types, imports, tables, globals, exports and segments', () => {
    const module = readModule(wat(`(module
      (import "env" "f" (func $f (param i32) (result i64 f64)))
      (import "env" "g" (global $g (mut i32)))
      (table 5 9 funcref) (memory 1 2)
      (global (mut f64) (f64.const 1)) (global funcref (ref.func $h))
      (func $h (export "h")) (start $h)
      (elem (i32.const 1) $f $h) (elem func $h) (elem declare func $f) (elem funcref (ref.func $h) (ref.null func))
      (data "abc") (data (i32.const 3) "x"))`))
    expect(module.types[0]).to.deep.equal({ params: [I32], results: [I64, F64] })
    expect(module.importedFunctions.map(({ name }) => name)).to.deep.equal(['f'])
    expect(module.tables).to.deep.equal([{ type: FUNCREF, entries: 5, isImported: false }])
    expect(module.globals.map(({ type, isMutable }) => [type, isMutable]))
      .to.deep.equal([[I32, true], [F64, true], [FUNCREF, false]])
    expect(module.exports).to.deep.equal([{ name: 'h', kind: 0, index: 1 }])
    expect(module.start).to.equal(1)
    expect(module.elements.map(({ mode }) => mode)).to.deep.equal([0, 1, 2, 1])
    expect(module.elements[3]?.expressions?.map(({ functions }) => functions.length)).to.deep.equal([1, 0])
    expect(module.bodies).to.have.lengthOf(1)
  })

  it('has its segments written so that they mean the same', () => {
    const bytes = wat(`(module (table 4 funcref) (func $a) (func $b) (global $g i32 (i32.const 1))
      (elem (table 0) (offset (i32.const 2)) func $a $b) (elem func $b) (elem declare func $a)
      (elem (i32.const 0) funcref (ref.func $b) (ref.null func)))`)
    const { elements } = readModule(bytes)
    const out = new ModuleWriter().listed(9, elements, (to, element) => { writeElement(to, element, index => index) })
    const again = readModule(out.written).elements
    const facts = (all: typeof elements): unknown => all.map(({ mode, table, type, functions, expressions }) => {
      return [mode, table, type, functions, expressions?.map(each => each.functions.map(({ index }) => index))]
    })
    expect(facts(again)).to.deep.equal(facts(elements))
  })
})
