import { CloudError, type ObjectId } from '@welkin/interface'

/** `known`: the ports that there are. */
export function noSuchPort (
  what: string, wanted: string | number | undefined, known: Readonly<Record<string, number>>
): CloudError {
  const names = Object.keys(known).toSorted().join(', ') || 'none'
  const message = wanted === undefined
    ? `Say which port of ${what} is meant, as NAME:PORT; it has: ${names}.`
    : `${what} has no port "${wanted}"; it has: ${names}.`
  return new CloudError(wanted === undefined ? 'EINVAL' : 'ECONNREFUSED', message, { fields: { ports: names } })
}

export function notRunning (object: ObjectId, state: string): CloudError {
  const message = `Object ${object} does not run now (${state}); "welkin stat ${object}" says why.`
  return new CloudError(state === 'ended' ? 'ESRCH' : 'ECONNREFUSED', message, { fields: { object, state } })
}

export function onlyObjects (what: string): CloudError {
  return new CloudError('EPERM', `Only an object can ${what}, and only for itself; make the call from within it.`)
}
