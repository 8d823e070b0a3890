package io.meridian.persistence.internal.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** One SQL database, and what differs in it from the others. Immutable. */
interface Database {
    /** In auto-commit mode. Never waits for writers. */
    Connection openForReading() throws SQLException;

    /** In auto-commit mode. A commit is durable when it returns. */
    Connection openForWriting() throws SQLException;

    /** Rows to ask for at a time, where the driver holds a whole result in memory. */
    int pageRows();

    /** Selects the journal's commit mark, see {@link io.meridian.persistence.JournalRows#commitMark}. */
    String commitMark();

    /** The condition on a row of event_journal for being behind the mark that is its parameter. */
    String behindMark();

    /** The name of the inventory's table of records. */
    String inventoryRecords();

    /** The name of the inventory's table of counters. */
    String inventoryCounters();

    /** Begin a transaction that holds off every other one that begins so. */
    List<String> beginExclusively();

    /**
     * What a failure means, in words for an operator.
     *
     * @param what could not be done, "be read"
     */
    RuntimeException failed(String what, SQLException e);

    static void execute(Connection connection, List<String> statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
