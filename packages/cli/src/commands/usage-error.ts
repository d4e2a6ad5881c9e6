import { CommanderError } from 'commander'
import type { ErrorRecord } from '@welkin/interface'

/** A command line that cannot be carried out, whatever the cloud is like: the command ends with status 2. */
export class UsageError extends CommanderError {
  /** What is told of it. */
  readonly record: ErrorRecord

  constructor (message: string, fields?: ErrorRecord['fields']) {
    super(2, 'welkin.usage', message)
    this.record = { code: 'EINVAL', message, ...fields === undefined ? {} : { fields } }
  }
}
