import { fromJson, rowOf, toJson } from '@welkin/abi'
import { CloudError, type AbortOptions, type Link, type ObjectId } from '@welkin/interface'
import { invoke } from '@welkin/syscalls'

interface ProgramCall { readonly requestId: string, readonly name: string, readonly args: string }

/**
 * System calls of programs that know them by name and speak JSON, each in its object's own name. Rejects EINVAL for
 * what is no JSON, ENOSYS for calls that stream, and as the call does.
 */
export function programCalls (
  linkFor: (object: ObjectId) => Link
): (object: ObjectId, call: ProgramCall, options: AbortOptions) => Promise<string> {
  return async (object, { requestId, name, args: text }, { signal }) => {
    const row = rowOf(name)
    if (row !== undefined && (row.streams || row.input !== undefined)) {
      throw new CloudError('ENOSYS', `${name} streams, and a program is given replies only; ask for it by HTTP.`)
    }
    const args = row === undefined ? undefined : fromJson(row.request, parse(text))
    const drawRequestId = (): string => requestId
    const reply = await invoke(linkFor(object), { drawRequestId }, name, args, { signal })
    return JSON.stringify(toJson(reply))
  }
}

function parse (args: string): unknown {
  try {
    return args === '' ? {} : JSON.parse(args)
  } catch (error) {
    const message = 'The arguments are no JSON; give an object such as {"id": "crunch"}.'
    throw new CloudError('EINVAL', message, { cause: error })
  }
}
