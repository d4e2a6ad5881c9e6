-- A table of 100,000 rows with an index; then how many pairs of them are close in price, as a join of it with itself
-- finds them: a row for each 2,000 items, which is written when it is known.
create table items (id integer primary key, name text, price real);
with recursive n (i) as (select 1 union all select i + 1 from n where i < 100000)
  insert into items select i, 'item ' || i, (i * 7919 % 100003) * 0.37 from n;
create index by_price on items (price);
with recursive part (n) as (select 0 union all select n + 1 from part where n < 49)
  select 'part', n, (
    select count(*) || '|' || round(sum(b.price - a.price), 3)
    from items a join items b on b.price > a.price and b.price < a.price + 200
    where a.id > n * 2000 and a.id <= (n + 1) * 2000)
  from part;
select 'dearest', name, price from items order by price desc limit 3;
