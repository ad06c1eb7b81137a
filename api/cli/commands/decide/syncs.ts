import type { SyncsOf } from '../../../../core/sync/decide.ts';
import type { Hub } from '../../../runtime/hub.ts';

/** The names of the syncs that handle an entity. */
export const syncNamesOf = ({ config }: Pick<Hub, 'config'>, entity: string) =>
  config.order.filter((name) => config.syncs[name]!.entity === entity);

/** The syncs of an entity, as the engine's decisions ask for them. */
export const syncsOf =
  (hub: Pick<Hub, 'config' | 'syncs'>): SyncsOf =>
  (entity) =>
    hub.syncs(syncNamesOf(hub, entity));
