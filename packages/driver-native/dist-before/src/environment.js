const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** A task's whole environment: what its spec says and what hardly a program does without; nothing is inherited. */
export function taskEnvironment(env, workDirectory) {
    return { PATH: process.env.PATH ?? PATH, LANG: 'C.UTF-8', HOME: workDirectory, PWD: workDirectory, ...env };
}
//# sourceMappingURL=environment.js.map