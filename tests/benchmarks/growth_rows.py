"""The rows an office has gathered over the years, as SQL: one story of every leg, told to each service's tables."""

from __future__ import annotations

from collections.abc import Mapping

STORY = """
create function pg_temp.id7(at timestamptz, salt text) returns uuid language sql immutable as $$
  select overlay(overlay(overlay(md5(salt) placing
    lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') from 1 for 12) placing '7' from 13 for 1)
    placing '8' from 17 for 1)::uuid $$;
create function pg_temp.scrambled(n bigint) returns text language sql immutable as $$
  select upper(lpad(to_hex((n * 2654435761) % 4294967296), 8, '0')) $$;
create temporary table noise (bytes bytea);
create temporary table agency (place int primary key, id text, programme text, outward text, letters text, rules jsonb);
create temporary table community (place int primary key, unit text, street text);
"""
"""What the story is told with. Ids carry their moments, as the real ones do."""

LEGS = """
create temporary table leg as
with counted as (
  select n, (n - 1) / 10 as set_of_ten, (array[1,2,2,3,3,3,4,4,4,4])[1 + (n - 1) % 10] as place,
    (array[0,0,1,0,1,2,0,1,2,3])[1 + (n - 1) % 10] as position
  from generate_series(1, {referrals}) as n
), filed as (
  select *, set_of_ten * 4 + place as r, set_of_ten * 10 + (array[1,2,4,7])[place] as first,
    n <= 2 * {open} and n % 2 = 0 as open, n % 17 = 0 and n % 2 = 1 as cancelled
  from counted
), dated as (
  select *, date_trunc('milliseconds', timestamptz '{now}' - case
      when first <= 2 * {open} then interval '60 days' * first / (2 * {open})
      else interval '60 days' + interval '5 years' * (first - 2 * {open}) / greatest({referrals} - 2 * {open}, 1)
    end) as at,
    case when open then (array[1,1,1,2,3,3,4,4])[1 + (n / 2) % 8] when cancelled then 3 else 5 end as told
  from filed
)
select n, r, d.position, at, open, cancelled, told, a.id as agency, programme, outward, unit, street, rules,
  pg_temp.id7(at, 'leg ' || n) as leg, pg_temp.id7(at, 'request ' || r) as request,
  pg_temp.id7(at, 'person ' || r) as person,
  letters || extract(year from at) || '-' || pg_temp.scrambled(n) as number,
  '{letters}-' || extract(year from at) || '-' || lpad(({referrals} - r)::text, 7, '0') as request_number,
  (array['issued', 'received', 'accepted', 'in-progress', 'closed'])[told] as reached,
  date '{today}' + ((n / 2) % 37)::int - 4 as due,
  least(interval '15 days', (timestamptz '{now}' - at) * 0.95) as lasted
from dated d
join agency a on a.place = (d.place + d.position + set_of_ten) % 4
join community c on c.place = (r * 7) % {communities};
create index on leg (n);
analyze leg;
create temporary view told as
select leg.*, sequence, at + lasted * (case when cancelled then array[0, .1, .1] else array[0, .1, .25, .5, 1] end)
    [sequence] as moment,
  pg_temp.id7(at + lasted * (case when cancelled then array[0, .1, .1] else array[0, .1, .25, .5, 1] end)[sequence],
    'event ' || n || '-' || sequence) as event,
  (case when cancelled then array['issued', 'cancelled', 'cancel-done']
    else array['issued', 'acknowledged', 'accepted', 'step-recorded', 'closed'] end)[sequence] as fact,
  (case when cancelled then array['issued', 'cancelled', 'cancelled']
    else array['issued', 'received', 'accepted', 'in-progress', 'closed'] end)[sequence] as status
from leg, generate_series(1, told) as sequence;
create temporary view ended as
select leg.*, case when cancelled then 'cancelled' else reached end as status,
  case when cancelled then 2 else told end as version,
  at + lasted * (case when cancelled then array[0, .1, .1] else array[0, .1, .25, .5, 1] end)[told] as last_at,
  (due + 1)::timestamp at time zone 'Asia/Shanghai' - interval '1 second' as due_at
from leg;
"""
"""The legs, the newest first; half of those of the last two months are open, all older ones have ended."""


INTAKE = """
insert into people (id, name, id_number, phone, name_index, id_index, phone_index)
select person, {noise[54]}, {noise[63]}, {noise[56]},
  sha256(('name ' || r % 20000)::bytea), sha256(('id ' || r)::bytea), sha256(('phone ' || r)::bytea)
from leg where position = 0 order by n desc;
insert into requests (id, number, receipt_index, person_id, unit, street, residence, urgency, pack, filed_by, status,
  version, event_sequence, created_at, updated_at, ended_at)
select request, min(request_number), sha256(('receipt ' || r)::bytea), person, min(unit), min(street), min(unit),
  'normal', '{pack}', 'hut', case when bool_or(open) then 'in-progress' else 'ended' end,
  case when bool_or(open) then 2 else 3 end, 1, at, max(last_at), case when not bool_or(open) then max(last_at) end
from ended group by request, r, person, at order by r desc;
insert into number_blocks (series, last)
select '{letters}-' || year, {referrals}
from generate_series(2000, extract(year from timestamptz '{now}')) as year;
insert into legs (id, request_id, position, number, agency, programme, status, version, due_on, yellow_on, outcome,
  updated_at, ended_at)
select leg, request, position, number, agency, programme, status, version, case when open then due end,
  case when open then due - 3 end, case when status = 'closed' then 'approved' end, last_at,
  case when not open then last_at end
from ended order by n desc;
insert into leg_events (id, request_id, leg_id, fact, status, at, sequence, detail)
select event, request, leg, fact, status, moment, sequence, '{empty}' from told order by moment;
insert into consents (id, request_id, person_id, agency, programme, data_kinds, purpose, basis, expires_on, given_by,
  particulars, recorded_at, recorded_by)
select pg_temp.id7(at, 'consent ' || n), request, person, agency, programme, '["identity", "contact", "household"]',
  'aid', 'consent', (at + interval '1 year')::date, 'person', {noise[73]}, at, 'hut'
from leg order by n desc;
insert into audit_log (id, at, actor, post, action, object_type, object_id, detail)
select pg_temp.id7(at + later, 'audit ' || action || r), at + later, 'hut', 'hut@' || unit, action, 'request', request,
  '{empty}'
from leg, (values ('request.filed', interval '0'), ('request.opened', interval '9 minutes')) as done(action, later)
where position = 0 order by at + later;
insert into idempotency_keys (id, fingerprint, status, body, created_at)
select sha256(('key ' || r)::bytea), {noise[61]}, 201, {noise[700]}, at
from leg where position = 0 and at > timestamptz '{now}' - interval '7 days' order by at;
create temporary view submitted as
select *, at as moment, pg_temp.id7(at, 'submitted ' || r) as event from leg where position = 0;
insert into outbox (event_id, type, subject, sequence, routing_key, partition, recorded_at, published_at, body)
select event, 'request.submitted.v1', request, 1, 'request.submitted', n % 8, moment,
  moment + interval '50 ms', {noise[3000 + n % 10 * 900]}
from submitted where moment > timestamptz '{now}' - interval '30 days' order by moment;
insert into outbox_ledger (event_id, type, subject, sequence, body_sha256, recorded_at)
select event, 'request.submitted.v1', request, 1, {noise[32]}, moment
from submitted where moment <= timestamptz '{now}' - interval '30 days' order by moment;
insert into inbox_receipts (event_id, consumer, source, subject, sequence, received_at)
select event, 'intake', '/aid/{district}/referrals', leg, sequence, moment + interval '100 ms' from told
where sequence = told or moment > timestamptz '{now}' - interval '37 days' order by moment;
"""

REFERRALS = """
insert into referrals (id, number, request_id, request_number, agency, programme, unit, street, urgency, position,
  status, status_since, version, event_sequence, rules, issued_at, received_at, accepted_at, ended_at, clock, due_at,
  yellow_at, due_on, yellow_on, rank, outcome, reason, index_key, index_name, index_initials, index_phone, index_last4)
select leg, number, request, request_number, agency, outward, unit, street, 'normal', position,
  status, last_at, version, told, rules, at, case when told >= 2 and not cancelled then at + lasted * .1 end,
  case when told >= 3 and not cancelled then at + lasted * .25 end, case when not open then last_at end,
  case when open then (array['acknowledge', 'accept', 'decide', 'decide'])[told] end, case when open then due_at end,
  case when open then due_at - interval '3 days 86399 seconds' end, case when open then due end,
  case when open then due - 3 end,
  case when open then extract(epoch from due_at)::bigint else 1000000000000 - extract(epoch from last_at)::bigint end,
  case when status = 'closed' then 'approved' end, case when cancelled then 'withdrawn-by-person' end,
  'gathered', substr(md5('name ' || r % 20000), 1, 8), substr(md5('initials ' || r % 700), 1, 8),
  substr(md5('phone ' || r), 1, 8), substr(md5('last4 ' || r % 10000), 1, 8)
from ended order by n desc;
insert into packets (referral_id, rev, packet, badge, sealed_at)
select leg, 1, encode({noise[622]}, 'hex'), encode({noise[489]}, 'hex'), at
from leg order by n desc;
insert into history (id, referral_id, at, action, from_status, to_status, actor, role, fields)
select pg_temp.id7(moment, 'line ' || n || '-' || sequence), leg, moment,
  case when cancelled then 'cancel' else (array['', 'acknowledge', 'accept', 'start', 'close'])[sequence] end,
  case when cancelled then 'issued' else (array['', 'issued', 'received', 'accepted', 'in-progress'])[sequence] end,
  status, case when not cancelled then 'desk-' || agency end, 'desk', '{empty}'
from told where sequence > 1 and fact <> 'cancel-done' order by moment;
insert into audit_log (id, at, actor, post, action, object_type, object_id, detail)
select pg_temp.id7(moment + later, 'audit ' || action || n || '-' || sequence), moment + later, 'desk-' || agency,
  'desk@' || agency, action, case kind when 'queue' then 'queue' else 'referral' end,
  case kind when 'queue' then agency else leg::text end, '{empty}'
from told, (values (2, 'referral', 'referral.acknowledged', interval '1 second'),
  (3, 'referral', 'referral.accepted', interval '1 second'), (4, 'referral', 'referral.started', interval '1 second'),
  (5, 'referral', 'referral.closed', interval '1 second'), (2, 'queue', 'badges.opened', interval '0'),
  (3, 'referral', 'packet.opened', interval '0')) as done(step, kind, action, later)
where sequence = step and not cancelled order by moment + later;
insert into inbox_receipts (event_id, consumer, source, subject, sequence, received_at)
select pg_temp.id7(at, 'submitted ' || r), 'referrals', '/aid/{district}/intake', request, 1,
  at + interval '100 ms' from leg where position = 0 order by at;
insert into outbox (event_id, type, subject, sequence, routing_key, partition, recorded_at, published_at, body)
select event, 'referral.' || fact || '.v1', leg, sequence, 'referral.' || agency || '.' || fact, n % 8, moment,
  moment + interval '50 ms', {noise[735]}
from told where moment > timestamptz '{now}' - interval '30 days' order by moment;
insert into outbox_ledger (event_id, type, subject, sequence, body_sha256, recorded_at)
select event, 'referral.' || fact || '.v1', leg, sequence, {noise[32]}, moment
from told where moment <= timestamptz '{now}' - interval '30 days' order by moment;
"""

FIGURES = """
create temporary table counted as
with happened as (
  select leg.agency, outward, street, unit, request, measure, step, moment,
    greatest(0, floor(extract(epoch from moment - leg.at) / 86400 * 5 / 7))::int as days
  from ended as leg cross join lateral (values
    ('received', '', leg.at, true),
    ('granted', '', last_at, status = 'closed'),
    ('ended-otherwise', '', last_at, status = 'cancelled'),
    ('days', 'acknowledge', leg.at + lasted * .1, told >= 2 and not cancelled),
    ('days', 'accept', leg.at + lasted * .25, told >= 3 and not cancelled),
    ('days', 'decide', last_at, status = 'closed')
  ) as each(measure, step, moment, there) where there
)
select agency, outward, street, unit, to_char(moment at time zone 'Asia/Shanghai', 'YYYY-MM') as month, measure, step,
  case when measure = 'days' then days else 0 end as value, count(*) as number,
  case when measure = 'days' then 0 else count(*) end as people
from happened group by 1, 2, 3, 4, 5, 6, 7, 8;
insert into figures (level, place, measure, period, agency, programme, step, value, number, people, amount)
select level, place, measure, period, agency, outward, step, value, sum(number), sum(people), 0
from counted, lateral (values ('district', ''), ('street', street), ('unit', unit)) as l(level, place),
  lateral (values (month), ('all')) as p(period)
group by 1, 2, 3, 4, 5, 6, 7, 8;
insert into figure_withheld (measure, agency, programme, street, unit, month, number, people, amount)
select measure, agency, outward, street, unit, month, number, people, 0 from counted where measure <> 'days';
insert into figure_people (person, programme, measure, number, agency, street, unit, month, value)
select request, outward, measure, 1, agency, street, unit,
  to_char(moment at time zone 'Asia/Shanghai', 'YYYY-MM'), 0
from ended as leg cross join lateral (values
  ('received', leg.at, true), ('granted', last_at, status = 'closed'),
  ('ended-otherwise', last_at, status = 'cancelled')) as each(measure, moment, there) where there;
"""
"""What the worker would have added up of it; days are reckoned as five of seven."""

NOTIFICATIONS = """
create temporary view message as
select *, case when fact = 'issued' then 'desk:' || agency else 'hut:' || unit end as inbox,
  pg_temp.id7(moment, 'message ' || n || '-' || sequence) as message
from told where fact <> 'cancel-done';
insert into messages (inbox, id, event_id, type, subject, number, agency, at, request, params)
select inbox, message, event, 'referral.' || fact || '.v1', leg, number, agency, moment,
  case when fact <> 'issued' then request end, jsonb_build_object('programme', outward, 'street', street)
from message order by moment;
insert into read_marks (staff, inbox, message, read_at)
select case when fact = 'issued' then 'desk-' || agency else 'hut' end, inbox, message, moment + interval '1 hour'
from message where moment < timestamptz '{now}' - interval '3 days' order by moment;
insert into inbox_receipts (event_id, consumer, source, subject, sequence, received_at)
select event, 'notifications', '/aid/{district}/referrals', leg, sequence, moment + interval '100 ms' from told
where sequence = told or moment > timestamptz '{now}' - interval '37 days' order by moment;
"""

BY_SERVICE: Mapping[str, str] = {
    "intake": INTAKE,
    "referrals": REFERRALS + FIGURES,
    "notifications": NOTIFICATIONS,
}
"""Service → what fills its tables, once the story is there."""
