package io.meridian.chaos.history;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.meridian.chaos.history.Recorded.Converged;
import io.meridian.chaos.history.Recorded.Fault;
import io.meridian.chaos.history.Recorded.Head;
import io.meridian.chaos.history.Recorded.Move;
import io.meridian.chaos.history.Recorded.Operation;
import io.meridian.chaos.history.Recorded.Read;
import io.meridian.chaos.history.Recorded.Run;
import io.meridian.chaos.history.Recorded.Served;
import io.meridian.chaos.history.Recorded.Write;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what {@link History} writes. Used once, by one thread. */
public final class HistoryReader {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, JsonNode> running = new LinkedHashMap<>();
    /** At the place of each call: what became of it. */
    private final List<Operation> operations = new ArrayList<>();

    private final Map<String, Integer> places = new HashMap<>();
    private final List<Head> heads = new ArrayList<>();
    private final List<Served> served = new ArrayList<>();
    private final List<Fault> faults = new ArrayList<>();
    private @Nullable Run run;
    private @Nullable Converged converged;

    private HistoryReader() {}

    public static Recorded read(Path file) throws IOException {
        return read(Files.readAllLines(file));
    }

    /** @throws IllegalArgumentException with the line's number where it is no history */
    public static Recorded read(List<String> lines) {
        HistoryReader reader = new HistoryReader();
        int number = 0;
        for (String line : lines) {
            number++;
            try {
                reader.accept(JSON.readTree(line));
            } catch (JsonProcessingException | RuntimeException e) {
                throw new IllegalArgumentException("line " + number + " is no line of a history: " + e, e);
            }
        }
        return reader.recorded();
    }

    private void accept(JsonNode line) {
        String process = text(line, Field.PROCESS);
        switch (process) {
            case History.NEMESIS -> faults.add(fault(line));
            case History.MONITOR -> observe(line);
            default -> operation(process, line);
        }
    }

    private void observe(JsonNode line) {
        switch (text(line, Field.F)) {
            case "run" ->
                run = new Run(
                        line.path(Field.SEED).asLong(),
                        numbers(line.path(Field.REGIONS)),
                        numbers(line.path(Field.MESHES)),
                        line.path(Field.LEASED).asBoolean(),
                        texts(line.path(Field.GATEWAYS)));
            case "head" ->
                heads.add(new Head(
                        time(line),
                        text(line, Field.REGION),
                        text(line, Field.MESH),
                        Position.parse(text(line, Field.POSITION)),
                        text(line, Field.HOME),
                        text(line, Field.STATE_HASH)));
            case "served" ->
                served.add(new Served(
                        time(line), text(line, Field.GATEWAY), text(line, Field.MESH), values(line.path(Field.VALUE))));
            case "converged" ->
                converged = new Converged(
                        outcome(line),
                        line.path(Field.SECONDS).asDouble(),
                        line.path(Field.ERROR).asText());
            default -> {
                // For people.
            }
        }
    }

    private void operation(String process, JsonNode line) {
        if ("invoke".equals(text(line, Field.TYPE))) {
            if (running.put(process, line) != null) {
                throw new IllegalArgumentException("process " + process + " has an operation already");
            }
            places.put(process, operations.size());
            operations.add(completed(line, null));
            return;
        }
        JsonNode call = running.remove(process);
        Integer place = places.remove(process);
        if (call == null || place == null) {
            throw new IllegalArgumentException("process " + process + " has no operation that could end");
        }
        operations.set(place, completed(call, line));
    }

    /** {@code end}: null while it is not known. */
    private static Operation completed(JsonNode call, @Nullable JsonNode end) {
        long completed = end == null ? Recorded.NEVER : time(end);
        Outcome outcome = end == null ? Outcome.INFO : outcome(end);
        Position position = end == null ? null : position(end, Field.POSITION);
        String process = text(call, Field.PROCESS);
        String f = text(call, Field.F);
        return switch (f) {
            case "write", "cas" ->
                new Write(
                        process,
                        text(call, Field.ID),
                        text(call, Field.MESH),
                        text(call, Field.KEY),
                        call.path(Field.VALUE).asLong(),
                        position(call, Field.EXPECTED),
                        time(call),
                        completed,
                        outcome,
                        position);
            case "read" ->
                new Read(
                        process,
                        text(call, Field.MESH),
                        text(call, Field.REGION),
                        position(call, Field.DEMANDED),
                        call.path(Field.FRESH).asBoolean(),
                        time(call),
                        completed,
                        outcome,
                        position,
                        end == null ? Map.of() : values(end.path(Field.VALUE)),
                        end != null
                                && "ROLLED_BACK".equals(end.path(Field.ERROR).asText()));
            case "handover", "failover" ->
                new Move(
                        process,
                        f,
                        text(call, Field.MESH),
                        text(call, Field.TO),
                        time(call),
                        completed,
                        outcome,
                        position);
            default -> throw new IllegalArgumentException("unknown operation " + f);
        };
    }

    private static Fault fault(JsonNode line) {
        return new Fault(
                time(line),
                text(line, Field.NEMESIS),
                text(line, Field.F),
                text(line, Field.WHAT),
                strings(line.path(Field.REGIONS)),
                strings(line.path(Field.FORGETS)),
                values(line.path(Field.COUNTS)));
    }

    private Recorded recorded() {
        if (run == null) {
            throw new IllegalArgumentException("the history does not tell what was run");
        }
        List<Write> writes = new ArrayList<>();
        List<Read> reads = new ArrayList<>();
        List<Move> moves = new ArrayList<>();
        for (Operation operation : operations) {
            switch (operation) {
                case Write write -> writes.add(write);
                case Read read -> reads.add(read);
                case Move move -> moves.add(move);
            }
        }
        return new Recorded(run, writes, reads, heads, served, moves, faults, converged);
    }

    private static String text(JsonNode line, String field) {
        JsonNode value = line.path(field);
        if (value.isMissingNode() || value.isNull()) {
            throw new IllegalArgumentException(field + " is missing");
        }
        return value.asText();
    }

    private static long time(JsonNode line) {
        return line.path(Field.TIME).asLong();
    }

    private static Outcome outcome(JsonNode line) {
        return switch (text(line, Field.TYPE)) {
            case "ok" -> Outcome.OK;
            case "fail" -> Outcome.FAIL;
            case "info" -> Outcome.INFO;
            default -> throw new IllegalArgumentException("type is neither ok, fail nor info");
        };
    }

    private static @Nullable Position position(JsonNode line, String field) {
        return line.hasNonNull(field) ? Position.parse(line.path(field).asText()) : null;
    }

    private static Map<String, Integer> numbers(JsonNode object) {
        Map<String, Integer> numbers = new HashMap<>();
        object.properties()
                .forEach(entry -> numbers.put(entry.getKey(), entry.getValue().asInt()));
        return numbers;
    }

    private static Map<String, String> texts(JsonNode object) {
        Map<String, String> texts = new HashMap<>();
        object.properties()
                .forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
        return texts;
    }

    private static Map<String, Long> values(JsonNode object) {
        Map<String, Long> values = new HashMap<>();
        object.properties()
                .forEach(entry -> values.put(entry.getKey(), entry.getValue().asLong()));
        return values;
    }

    private static Set<String> strings(JsonNode array) {
        Set<String> strings = new HashSet<>();
        array.forEach(element -> strings.add(element.asText()));
        return strings;
    }
}
