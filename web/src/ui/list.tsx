import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Table, type TableColumnsType } from "antd";
import { useT } from "../i18n";
import { Answer } from "./kit";
import "./later";

/** Rows of a table that open by a click or by Enter. */
export const opens = <T,>(open: (row: T) => void) => (row: T) => ({
  tabIndex: 0,
  onClick: () => open(row),
  onKeyDown: (event: React.KeyboardEvent) => event.key === "Enter" && event.target === event.currentTarget && open(row),
});

/** A list of a service, page after page. */
export function PagedTable<T extends { name: string }>({ id, page, columns, onOpen, selected, choice, size = "small" }: {
  id: readonly unknown[];
  page: (pageToken: string) => Promise<{ items: T[]; next: string }>;
  columns: TableColumnsType<T>;
  onOpen?: (item: T) => void;
  selected?: string | undefined;
  /** Rows may be ticked: which are, and which can be. */
  choice?: { chosen: T[]; choose: (rows: T[]) => void; can: (row: T) => boolean; label: (row: T) => string } | undefined;
  size?: "small" | "middle";
}) {
  const { t } = useT();
  const list = useInfiniteQuery({
    queryKey: id,
    queryFn: ({ pageParam }) => page(pageParam),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next || undefined,
  });
  return (
    <Answer of={list}>
      {({ pages }) => (
        <>
          <Table<T>
            size={size}
            rowKey="name"
            dataSource={pages.flatMap(({ items }) => items)}
            columns={columns}
            pagination={false}
            locale={{ emptyText: t("none") }}
            rowClassName={(row) => (row.name === selected ? "row-here" : "")}
            {...(onOpen ? { onRow: opens(onOpen) } : {})}
            {...(choice
              ? {
                  rowSelection: {
                    selectedRowKeys: choice.chosen.map(({ name }) => name),
                    onChange: (_: unknown, rows: T[]) => choice.choose(rows),
                    getCheckboxProps: (row: T) => ({ disabled: !choice.can(row), "aria-label": choice.label(row) }),
                    hideSelectAll: true,
                  },
                }
              : {})}
          />
          {list.hasNextPage && (
            <Button block onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>
              {t("more")}
            </Button>
          )}
        </>
      )}
    </Answer>
  );
}
