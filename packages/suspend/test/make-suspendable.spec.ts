import { expect } from 'chai'
import { CloudError } from '@welkin/interface'
import { BLOCK, CALL, END, LOOP } from '../src/binary/opcodes.ts'
import { ModuleWriter } from '../src/binary/sections.ts'
import { Writer } from '../src/binary/writer.ts'
import { makeSuspendable, type Limits, type Suspendable } from '../src/index.ts'
import { randomModule } from './kit/random-module.ts'
import { wat } from './kit/wat.ts'

const ANYWHERE = { points: 'anywhere', suspendingImports: () => true } as const

function make (text: string, points: 'calls' | 'anywhere' = 'anywhere', limits: Partial<Limits> = {}): Suspendable {
  return makeSuspendable(wat(text), { points, suspendingImports: () => true, limits })
}

function codeOf (run: () => unknown): string {
  try {
    run()
    return 'nothing'
  } catch (error) {
    return error instanceof CloudError ? error.code : String(error)
  }
}

/** A module whose function calls the imported one within so many loops and blocks; too deep for a parser of text. */
function nest (depth: number): Uint8Array {
  const body = new Writer().byte(0)
  for (let at = 0; at < depth; at++) body.byte(at % 2 === 0 ? LOOP : BLOCK).byte(0x40)
  body.byte(CALL).byte(0)
  for (let at = 0; at <= depth; at++) body.byte(END)
  return new ModuleWriter()
    .section(1, Uint8Array.of(1, 0x60, 0, 0)).section(2, Uint8Array.of(1, 1, 0x65, 1, 0x66, 0, 0))
    .section(3, Uint8Array.of(1, 0)).listed(10, [body.written], (out, each) => { out.sized(each) }).written
}

describe('makeSuspendable', () => {
  it('gives the same bytes for the same bytes, and valid ones', () => {
    for (const seed of [1, 2, 3]) {
      const [one, other] = [1, 2].map(() => {
        return makeSuspendable(randomModule(seed), { points: 'anywhere', suspendingImports: () => true }).module
      })
      expect(one).to.deep.equal(other)
      expect(WebAssembly.validate(one as Uint8Array)).to.equal(true)
    }
  })

  it('leaves imports and exports as they were, and adds its own', () => {
    const { module } = make(`(module (import "env" "f" (func)) (import "env" "m" (memory 1)) (func (export "go") call 0)
      (global (export "g") i32 (i32.const 4)))`)
    const made = new WebAssembly.Module(module)
    expect(WebAssembly.Module.imports(made).map(each => `${each.module}.${each.name}`)).to.deep.equal([
      'env.f', 'env.m', 'suspend.yield', 'suspend.push', 'suspend.pop', 'suspend.frame'
    ])
    expect(WebAssembly.Module.exports(made).map(({ name }) => name).slice(0, 2)).to.deep.equal(['go', 'g'])
  })

  it('is done with a module that does nothing', () => {
    expect(make('(module)').isSuspendable).to.equal(true)
    expect(make('(module (func (export "f")))', 'calls').isSuspendable).to.equal(true)
  })

  it('refuses what is no valid module', () => {
    expect(codeOf(() => makeSuspendable(Uint8Array.of(1, 2, 3), { points: 'calls', suspendingImports: () => true })))
      .to.equal('ENOEXEC')
    const cut = wat('(module (func (export "f")))').slice(0, -1)
    expect(codeOf(() => makeSuspendable(cut, { points: 'calls', suspendingImports: () => true }))).to.equal('ENOEXEC')
  })

  it('refuses what is made to take up its time or memory', () => {
    expect(codeOf(() => make('(module (table 1000001 funcref))'))).to.equal('ENOEXEC')
    expect(codeOf(() => makeSuspendable(nest(5001), ANYWHERE))).to.equal('ENOEXEC')
    expect(codeOf(() => makeSuspendable(nest(10), { ...ANYWHERE, limits: { bytesMax: 20 } }))).to.equal('ENOEXEC')
    const locals = `(module ${'(func (local i64))'.repeat(50)})`
    expect(codeOf(() => make(locals, 'anywhere', { localsOfAllMax: 49 }))).to.equal('ENOEXEC')
    expect(codeOf(() => make(`(module (func (local ${'i32 '.repeat(101)})))`, 'calls', { localsMax: 100 })))
      .to.equal('ENOEXEC')
  })

  it('gives up, and says so, when the result would be too large', () => {
    const many = `(module (import "e" "f" (func $f)) (func ${'call $f '.repeat(1000)}))`
    const { isSuspendable, reasons } = make(many, 'calls', { instrumentedBytesMax: 2000 })
    expect(isSuspendable).to.equal(false)
    expect(reasons.join()).to.include('too large')
  })

  it('takes nests as deep as they may be', () => {
    const { module, reasons } = makeSuspendable(nest(4900), ANYWHERE)
    expect(reasons).to.deep.equal([])
    expect(WebAssembly.validate(module)).to.equal(true)
  })

  const REASONS: ReadonlyArray<readonly [what: string, text: string, reason: RegExp]> = [
    ['tail calls', '(module (func $f return_call $f))', /tail calls/],
    ['exceptions', '(module (tag $t) (func (try (do) (catch $t))))', /exceptions/],
    ['shared memories', '(module (memory 1 2 shared))', /shared/],
    ['variables with references', `(module (global (mut externref) (ref.null extern))
      (func (global.set 0 (ref.null extern))))`, /reference in a variable/],
    ['locals with references', `(module (import "e" "f" (func))
      (func (param externref) (result externref) call 0 local.get 0))`, /keeps a reference/],
    ['references on the stack', '(module (import "e" "f" (func)) (func (param externref) local.get 0 call 0 drop))',
      /keeps a reference/]
  ]
  for (const [what, text, reason] of REASONS) {
    it(`leaves modules with ${what} as they are, and says why`, () => {
      const bytes = wat(text)
      const { module, isSuspendable, reasons } = makeSuspendable(bytes, ANYWHERE)
      expect(isSuspendable).to.equal(false)
      expect(reasons.join()).to.match(reason)
      expect(module).to.equal(bytes)
    })
  }

  it('takes references that are not kept while something is suspended', () => {
    expect(make('(module (func (export "f") (param externref) (result externref) local.get 0))').isSuspendable)
      .to.equal(true)
  })

  it('does not do it twice', () => {
    const { module } = make('(module (func (export "f")))')
    const again = makeSuspendable(module, { points: 'calls', suspendingImports: () => true })
    expect(again.reasons.join()).to.include('already')
  })
})
