import { type TaskSpec } from '@welkin/interface';
/** Throws EINVAL for what cannot be run by any program of any machine. */
export declare function checkSpec({ argv, env, files, limits }: TaskSpec): void;
/** Throws EINVAL. */
export declare function checkArguments(argv: readonly string[]): void;
