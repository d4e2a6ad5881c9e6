type Tree = Readonly<Record<string, unknown>>

/** An object of JSON Schema. */
interface ObjectSchema extends Tree { properties: Tree, required?: readonly string[] }

/**
 * What is wrong with rows (see `publishedRows`) that may only have grown since they were published, a sentence each:
 * all that was published must still be there as it was. Rows may be new, and so may codes of errors, and fields, unless
 * they are required.
 */
export function growthFaults (published: Tree, now: Tree): string[] {
  return Object.entries(published).flatMap(([name, row]) =>
    Object.hasOwn(now, name) ? faultsAt(name, row, now[name]) : [`${name} is gone.`])
}

function faultsAt (at: string, before: unknown, now: unknown): string[] {
  if (isObjectSchema(before) && isObjectSchema(now)) return faultsOfObject(at, before, now)
  // Named schemas that nothing published refers to are no part of what was published.
  if (at.endsWith('.$defs')) return growthFaults((before ?? {}) as Tree, (now ?? {}) as Tree)
  // Codes are never reused; who does not know one yet takes it for a fault of the protocol (`reviveError`).
  if (at.endsWith('.code.enum')) return lostOf(at, before as readonly unknown[], now as readonly unknown[])
  if (isTree(before) && isTree(now)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])]
    return keys.flatMap(key => faultsAt(`${at}.${key}`, before[key], now[key]))
  }
  return Object.is(before, now) ? [] : [`${at} was ${textOf(before)} and is ${textOf(now)}.`]
}

function faultsOfObject (at: string, before: ObjectSchema, now: ObjectSchema): string[] {
  const { properties: fieldsBefore, required: requiredBefore = [], ...restBefore } = before
  const { properties: fieldsNow, required: requiredNow = [], ...restNow } = now
  const kept = Object.keys(fieldsBefore).flatMap(name => {
    if (!Object.hasOwn(fieldsNow, name)) return [`${at}.${name} is gone.`]
    const changed = requiredBefore.includes(name) === requiredNow.includes(name)
      ? []
      : [`${at}.${name} is ${requiredNow.includes(name) ? 'required now' : 'no longer required'}.`]
    return [...changed, ...faultsAt(`${at}.${name}`, fieldsBefore[name], fieldsNow[name])]
  })
  const added = requiredNow.filter(name => !Object.hasOwn(fieldsBefore, name))
    .map(name => `${at}.${name} is new and required; make it optional.`)
  return [...kept, ...added, ...faultsAt(at, restBefore, restNow)]
}

function lostOf (at: string, before: readonly unknown[], now: readonly unknown[]): string[] {
  return before.filter(value => !now.includes(value)).map(value => `${at} has no ${textOf(value)} any more.`)
}

/** Also an array, whose keys are its places. */
function isTree (value: unknown): value is Tree {
  return typeof value === 'object' && value !== null
}

function isObjectSchema (value: unknown): value is ObjectSchema {
  return isTree(value) && value['type'] === 'object' && isTree(value['properties'])
}

function textOf (value: unknown): string {
  return JSON.stringify(value) ?? 'not there'
}
