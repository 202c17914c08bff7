import { GLOBAL_OPTIONS } from './arguments.ts';
import type { Command } from './command.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A completion script for one shell, made from the same table as the help. It completes `postern` when that is on the PATH. */
export function completionScript(shell: Shell, commands: readonly Command[]): string {
  switch (shell) {
    case 'bash':
      return bash(commands);
    case 'zsh':
      // zsh reads bash's completions when asked to: one script to keep true.
      return `autoload -U +X bashcompinit && bashcompinit\n${bash(commands)}`;
    case 'fish':
      return fish(commands);
  }
}

function bash(commands: readonly Command[]): string {
  const cases = commands.map((command) => `    ${command.name}) words='${optionWords(command)}' ;;`);
  return `_postern() {
  local words command word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) command=$word; break ;; esac
  done
  case "$command" in
${cases.join('\n')}
    *) words='${commands.map((command) => command.name).join(' ')} --help --version' ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _postern postern
`;
}

function optionWords(command: Command): string {
  return [...command.options, ...GLOBAL_OPTIONS].map((option) => `--${option.name}`).join(' ');
}

function fish(commands: readonly Command[]): string {
  const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const names = commands.map((command) => command.name).join(' ');
  return `${[
    ...commands.map(
      (command) =>
        `complete -c postern -n 'not __fish_seen_subcommand_from ${names}' -a ${command.name} -d ${quote(command.summary)}`,
    ),
    ...commands.flatMap((command) =>
      command.options.map(
        (option) =>
          `complete -c postern -n '__fish_seen_subcommand_from ${command.name}' -l ${option.name} -d ${quote(option.summary)}`,
      ),
    ),
    ...GLOBAL_OPTIONS.map((option) => `complete -c postern -l ${option.name} -d ${quote(option.summary)}`),
  ].join('\n')}\n`;
}
