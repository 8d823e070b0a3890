package io.meridian.cli.verb;

import io.meridian.api.admin.v1.Branch;
import io.meridian.api.events.v1.BranchEntry;
import io.meridian.cli.text.Positions;
import io.meridian.cli.text.Table;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Divergent branches for people. */
final class BranchText {
    private BranchText() {}

    static Table branches(List<Branch> branches) {
        Table table = new Table("NAME", "REGION", "FORK", "HEAD", "ENTRIES", "OPEN");
        for (Branch branch : branches) {
            table.row(
                    Names.last(branch.getName()),
                    branch.getOriginRegion(),
                    Positions.cell(branch.getFork()),
                    Positions.cell(branch.getHead()),
                    Integer.toString(branch.getEntriesCount()),
                    Integer.toString(branch.getOpenEntries()));
        }
        return table;
    }

    static String details(Branch branch, OutputOptions output, Instant now) {
        StringBuilder text = new StringBuilder();
        text.append("Branch ").append(Names.last(branch.getName())).append(", left by region ");
        text.append(branch.getOriginRegion()).append(": parts after ").append(Positions.cell(branch.getFork()));
        text.append(", reaches ").append(Positions.cell(branch.getHead())).append("; ");
        text.append(branch.getOpenEntries()).append(" of ").append(branch.getEntriesCount());
        text.append(" commands open\n\n");
        text.append(output.table(entries(branch.getEntriesList(), output.isWide())));
        if (branch.getEventsCount() > 0) {
            text.append('\n').append(EventText.rows(branch.getEventsList(), output, true, now));
        }
        return text.toString();
    }

    /** An entry is called by the position of its last event. */
    static Table entries(List<BranchEntry> entries, boolean wide) {
        List<String> headers = new ArrayList<>(List.of("ENTRY", "ASSESSMENT", "OPERATOR", "STATE", "AT", "WHY"));
        if (wide) {
            headers.addAll(List.of("FIRST", "COMMAND"));
        }
        Table table = new Table(headers);
        for (BranchEntry entry : entries) {
            List<String> row = new ArrayList<>(List.of(
                    Positions.text(entry.getLast()),
                    Words.of(entry.getAssessment(), ""),
                    entry.getOperatorOnly() ? "only" : "",
                    Words.of(entry.getResolution(), ""),
                    Positions.cell(entry.getReappliedAt()),
                    entry.getWhy()));
            if (wide) {
                row.addAll(List.of(Positions.text(entry.getFirst()), entry.getCommandId()));
            }
            table.row(row);
        }
        return table;
    }
}
