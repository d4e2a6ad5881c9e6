import { CloudError, type TaskSpec } from '@welkin/interface'
import { checkFilePath } from '@welkin/platform-node/work-directory'

/** Throws EINVAL for what cannot be run by any program of any machine. */
export function checkSpec ({ argv, env, files, limits }: TaskSpec): void {
  checkArguments(argv)
  for (const [name, value] of Object.entries(env)) {
    if (name !== '' && !name.includes('=') && !`${name}${value}`.includes('\0')) continue
    throw new CloudError('EINVAL', `"${name}" cannot be set in an environment; ` +
      'a name is not empty and has no "=" in it, and neither name nor value has a zero byte.')
  }
  for (const { path } of files) checkFilePath(path)
  for (const [name, limit] of Object.entries(limits)) {
    if (limit === undefined || (Number.isFinite(limit) && limit > 0)) continue
    throw new CloudError('EINVAL', `The limit ${name} is ${limit}; give a number above 0, or none.`)
  }
}

/** Throws EINVAL. */
export function checkArguments (argv: readonly string[]): void {
  if (argv.length === 0 || argv[0] === '') throw new CloudError('EINVAL', 'There is no program to run; name one.')
  if (argv.some(argument => argument.includes('\0'))) {
    throw new CloudError('EINVAL', 'An argument holds a zero byte, which no program can be given; take it out.')
  }
}
