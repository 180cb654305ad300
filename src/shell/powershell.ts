import { isPlainType, readCall } from './dotnet';
import type { SyntaxNode } from './grammar';
import { classOfName, lowered } from './lowering';
import { pathWord } from './parameters';
import { argumentsOf, isMisread, textIn, wordsOf } from './powershell-words';
import type { Line, SimpleCommand, Word } from './simple-commands';

/** What this reader does not follow. */
const NOT_READ =
  /^(?:class_statement|enum_statement|data_statement|inlinescript_statement|parallel_statement|sequence_statement|switch_filename|verbatim_command_argument|stop_parsing|invokation_foreach_expression|attribute)$/u;
/** The scopes a variable may be looked up in; any other name before a colon is a drive: `${c:a.txt}` is a file. */
const SCOPES = /^(?:env|global|local|script|private|using|variable)$/iu;
/** Characters that PowerShell takes for quotes, dashes or blanks, and the grammar does not. */
const LOOKALIKES =
  /[\u2013-\u2015\u2018-\u201f\u0085\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff\0]|\r(?!\n)/u;
const SECRET_VARIABLE = /KEY|TOKEN|SECRET|PASS(?:WORD|WD)?|CREDENTIALS?|AUTH/iu;
const HARMLESS_ASSIGNED = /^\$\{?(?:(?:global|local|script|private|env):)?[\w?]+\}?$/iu;
/** Variables that change what later commands do. */
const STEERING = /^\$\{?(?:\w+:)?(?:PSDefaultParameterValues|PSModuleAutoLoadingPreference|ExecutionContext)\}?$/iu;

/**
 * All simple commands of a PowerShell tree, however deep, as the POSIX commands that do the same. `source` is the line as
 * it was written. `undefined` where PowerShell may read the line in another way than the grammar did.
 */
export function readPowerShell(root: SyntaxNode, source: string): Line | undefined {
  const line: Line = { commands: [], outputs: [], inputs: [], functions: new Set(), evaluates: false, quoted: [] };
  if (LOOKALIKES.test(source)) return undefined;
  return new Reader(source, line).visit(root, []) ? line : undefined;
}

class Reader {
  constructor(
    private readonly source: string,
    private readonly line: Line,
  ) {}

  /** False where the line cannot be read. */
  visit(node: SyntaxNode, pipedFrom: SimpleCommand[], isFed = false): boolean {
    const raw = textIn(node, this.source);
    if (NOT_READ.test(node.type)) this.unclear(raw, 'what it does is only known when it runs');
    switch (node.type) {
      case 'pipeline_chain':
        return this.pipe(node, pipedFrom);
      case 'command':
        return this.command(node, pipedFrom, isFed) && this.inside(node);
      case 'redirection':
        this.redirect(node, raw);
        break;
      case 'function_statement':
        this.define(node);
        break;
      case 'invokation_expression':
        this.call(node, raw, pipedFrom);
        break;
      case 'type_literal':
        if (!isPlainType(raw) && node.parent?.type !== 'invokation_expression')
          this.unclear(raw, 'making a value of this type may do anything');
        break;
      case 'left_assignment_expression':
        this.assign(node, raw, pipedFrom);
        break;
      case 'variable':
        this.look(node, raw);
        break;
      case 'generic_token':
      case 'command_name':
        return /^(?:\d|\*)?>{1,2}[^&]/u.test(raw) || !isMisread(raw);
      default:
    }
    return this.inside(node);
  }

  private inside(node: SyntaxNode): boolean {
    return node.namedChildren.every((child) => !child || this.visit(child, []));
  }

  private pipe(node: SyntaxNode, pipedFrom: SimpleCommand[]): boolean {
    let before = pipedFrom;
    for (const [at, child] of node.namedChildren.entries()) {
      const first = this.line.commands.length;
      if (child && !this.visit(child, before, at > 0)) return false;
      const text = child ? textIn(child, this.source) : '';
      const isValue = child?.type !== 'command' && this.line.commands.length === first;
      const value: SimpleCommand = {
        raw: text,
        assigned: [],
        words: [
          { text: 'echo', raw: 'echo' },
          { text: undefined, raw: text },
        ],
        pipedFrom: [],
      };
      before = [...before, ...this.line.commands.slice(first), ...(isValue ? [value] : [])];
    }
    return true;
  }

  private command(node: SyntaxNode, pipedFrom: SimpleCommand[], isFed: boolean): boolean {
    const raw = textIn(node, this.source).trim();
    const [operator] = node.namedChildren;
    const named = node.namedChildren.find(
      (child) => child?.type === 'command_name' || child?.type === 'command_name_expr',
    );
    // `% { ... }` and `& { ... }`: what is in the block is judged by itself.
    if (!named) return node.namedChildren.some((child) => child?.type === 'foreach_command');
    if (operator?.type === 'command_invokation_operator' && named.namedChildren[0]?.type === 'script_block_expression')
      return true;
    const elements = node.namedChildren.find((child) => child?.type === 'command_elements') ?? undefined;
    const args = argumentsOf(elements, this.source);
    const plain = args.filter((argument) => !this.redirectGlued(argument.raw));
    const name = nameOf(named, this.source);
    // The grammar takes a range at the start of a statement for a program.
    if (name !== undefined && /^\d+\.\.\d+$/u.test(name) && args.length === 0) return true;
    const {
      words = [],
      outputs = [],
      verdict,
    } = lowered({ name, raw: textIn(named, this.source), args: plain, isFed, pipedFrom });
    for (const output of outputs) this.line.outputs.push({ ...output, raw });
    if (words.length > 0 || verdict)
      this.line.commands.push({ raw, assigned: [], words, pipedFrom, ...(verdict ? { verdict } : {}) });
    return true;
  }

  /** `2>file` without a blank, which the grammar takes for a word. True where it is one. */
  private redirectGlued(raw: string): boolean {
    const [, operator, target] = /^((?:\d|\*)?>{1,2})([^&>].*)$/su.exec(raw) ?? [];
    if (operator === undefined || target === undefined) return false;
    if (target.toLowerCase() !== '$null')
      this.output({ text: isMisread(target) ? undefined : target, raw: target }, operator, raw);
    return true;
  }

  private redirect(node: SyntaxNode, raw: string): void {
    const file = node.namedChildren.find((child) => child?.type === 'redirected_file_name');
    const [target] = file ? wordsOf(file.namedChildren.at(-1) ?? file, this.source) : [];
    if (target && target.text !== '$null') this.output(target, raw, raw);
  }

  private output(target: Word, operator: string, raw: string): void {
    this.line.outputs.push({ target: pathWord(target), append: /^(?:\d|\*)?>>/u.test(operator), raw });
  }

  private define(node: SyntaxNode): void {
    const named = node.namedChildren.find((child) => child?.type === 'function_name');
    const name = named ? textIn(named, this.source).toLowerCase() : '';
    if (classOfName(name)) this.unclear(name, 'it takes the name of a command that is known');
    this.line.functions.add(name);
  }

  private call(node: SyntaxNode, raw: string, pipedFrom: SimpleCommand[]): void {
    const call = readCall(node, this.source);
    if (!call) return;
    if ('verdict' in call) {
      this.line.commands.push({ raw, assigned: [], words: [], pipedFrom, verdict: call.verdict });
      return;
    }
    const [first, ...rest] = call.words;
    const name = first?.text ?? '';
    const paths = rest.map(pathWord);
    if (name === 'write' || name === 'append')
      for (const target of paths) this.line.outputs.push({ target, append: name === 'append', raw });
    else this.line.commands.push({ raw, assigned: [], words: first ? [first, ...paths] : [], pipedFrom });
  }

  private assign(node: SyntaxNode, raw: string, pipedFrom: SimpleCommand[]): void {
    const targets = raw
      .replaceAll(/^\s*(?:\[[\w.[\]]+\]\s*)*/gu, '')
      .split(',')
      .map((one) => one.trim());
    const isPlain = targets.every((one) => HARMLESS_ASSIGNED.test(one) && !STEERING.test(one));
    if (!isPlain) this.unclear(raw, 'what it sets may change what runs');
    const assigned = targets.flatMap((one) => /^\$\{?env:(\w+)/iu.exec(one)?.[1]?.toUpperCase() ?? []);
    if (assigned.length > 0)
      this.line.commands.push({ raw: textIn(node.parent ?? node, this.source), assigned, words: [], pipedFrom });
  }

  private look(node: SyntaxNode, raw: string): void {
    const [, scope, name = ''] = /^[$@]\{?([^:}]+):(.*?)\}?$/su.exec(raw) ?? [];
    if (scope === undefined) return;
    if (!SCOPES.test(scope)) this.unclear(raw, 'it reads or writes what is not a variable');
    const isSet = hasAncestor(node, 'left_assignment_expression');
    if (/^env$/iu.test(scope) && SECRET_VARIABLE.test(name) && !isSet)
      this.unclear(raw, 'it prints a variable that may be a secret');
  }

  private unclear(raw: string, reason: string): void {
    this.line.commands.push({
      raw,
      assigned: [],
      words: [],
      pipedFrom: [],
      verdict: { class: 'unknown', reason, opaque: true },
    });
  }
}

/** The program a command names; `undefined` where only running it would tell. */
function nameOf(named: SyntaxNode, source: string): string | undefined {
  const [only, ...more] = wordsOf(
    named.type === 'command_name_expr' ? (named.namedChildren[0] ?? named) : named,
    source,
  );
  return more.length > 0 ? undefined : only?.text;
}

function hasAncestor(node: SyntaxNode, type: string): boolean {
  for (let { parent } = node; parent; { parent } = parent) if (parent.type === type) return true;
  return false;
}
