import type { JSX } from 'preact';
import type { Labels } from '../protocol';
import type { PanelSkills } from '../sections/skills';
import { Section } from './parts';

export function Skills({ skills, labels }: { skills: PanelSkills; labels: Labels }): JSX.Element | null {
  if (skills.length === 0) return null;
  return (
    <Section label={labels.skills}>
      <ul class="skills" role="list">
        {skills.map(({ name, state, reason }) => (
          <li class={`skill ${state}`}>
            <span class="content">{name}</span>
            <span class="quiet">{`${labels[state]}: ${reason}`}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
