package io.meridian.model.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.meridian.model.manifest.YamlNode.Mapping;
import io.meridian.model.manifest.YamlNode.Member;
import io.meridian.model.manifest.YamlNode.Scalar;
import io.meridian.model.manifest.YamlNode.Sequence;
import io.meridian.model.mesh.RejectionCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Composes the documents of a stream from the parser's events, so that depth, size, aliases and duplicate keys are bounded while it is read
 * and not after. For one thread and one text.
 */
final class YamlReader {
    static final int MAX_DEPTH = 64;
    /** Of a stream, aliases expanded: what a bomb of aliases would exceed. */
    static final int MAX_NODES = 500_000;

    private static final String MERGE = "<<";
    private static final Place START = new Place(1, 1);

    private final String text;
    private final Iterator<Event> events;
    private final Map<Anchor, YamlNode> anchors = new HashMap<>();
    private int nodes;

    YamlReader(String text) {
        this.text = text;
        LoadSettings settings = LoadSettings.builder()
                .setCodePointLimit(Integer.MAX_VALUE)
                .setUseMarks(true)
                .build();
        this.events = new Parse(settings).parseString(text).iterator();
    }

    /** The next document, or empty at the end. */
    Optional<YamlNode> next() throws YamlException {
        while (hasNext()) {
            Event event = nextEvent();
            if (event.getEventId() == Event.ID.DocumentStart) {
                anchors.clear();
                return Optional.of(compose(nextEvent(), 0));
            }
        }
        return Optional.empty();
    }

    private boolean hasNext() throws YamlException {
        try {
            return events.hasNext();
        } catch (YamlEngineException e) {
            throw malformed(e);
        }
    }

    private Event nextEvent() throws YamlException {
        try {
            return events.next();
        } catch (YamlEngineException e) {
            throw malformed(e);
        }
    }

    private YamlException malformed(YamlEngineException e) {
        return switch (e) {
            case MarkedYamlEngineException marked ->
                new YamlException(
                        RejectionCode.MALFORMED_MANIFEST,
                        marked.getProblemMark().map(YamlReader::place).orElse(START),
                        "malformed YAML: "
                                + (marked.getContext() == null ? "" : marked.getContext() + ", ")
                                + marked.getProblem());
            case ReaderException reader ->
                new YamlException(
                        RejectionCode.MALFORMED_MANIFEST,
                        placeOf(reader.getPosition()),
                        String.format("malformed YAML: the character U+%04X is not allowed", reader.getCodePoint()));
            default -> new YamlException(RejectionCode.MALFORMED_MANIFEST, START, "malformed YAML: " + e.getMessage());
        };
    }

    /** {@code position} in code points. */
    private Place placeOf(int position) {
        int end = Math.min(position, text.codePointCount(0, text.length()));
        String before = text.substring(0, text.offsetByCodePoints(0, end));
        int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
        return new Place(line, before.length() - before.lastIndexOf('\n'));
    }

    private static Place place(org.snakeyaml.engine.v2.exceptions.Mark mark) {
        return new Place(mark.getLine() + 1, mark.getColumn() + 1);
    }

    private static Place place(Event event) {
        return event.getStartMark().map(YamlReader::place).orElse(START);
    }

    private YamlNode compose(Event event, int depth) throws YamlException {
        Place place = place(event);
        if (depth > MAX_DEPTH) {
            throw new YamlException(
                    RejectionCode.TOO_LARGE, place, "nested deeper than " + MAX_DEPTH + " levels, which is the limit");
        }
        YamlNode node = switch (event) {
            case AliasEvent alias -> alias(alias, place);
            case ScalarEvent scalar -> new Scalar(place, scalar(scalar, place));
            case SequenceStartEvent sequence -> sequence(sequence, place, depth);
            case MappingStartEvent mapping -> mapping(mapping, place, depth);
            default ->
                throw new YamlException(
                        RejectionCode.MALFORMED_MANIFEST, place, "malformed YAML: unexpected " + event.getEventId());
        };
        if (!(event instanceof AliasEvent) && event instanceof NodeEvent anchored) {
            anchored.getAnchor().ifPresent(anchor -> anchors.put(anchor, node));
            count(1, place);
        }
        return node;
    }

    private void count(int more, Place place) throws YamlException {
        nodes += more;
        if (nodes > MAX_NODES) {
            throw new YamlException(
                    RejectionCode.TOO_LARGE,
                    place,
                    "more than " + MAX_NODES + " values with aliases expanded, which is the limit");
        }
    }

    private YamlNode alias(AliasEvent event, Place place) throws YamlException {
        YamlNode target = anchors.get(event.getAlias());
        if (target == null) {
            throw new YamlException(
                    RejectionCode.MALFORMED_MANIFEST,
                    place,
                    "malformed YAML: no anchor &" + event.getAlias().getValue()
                            + " stands before this alias (an alias within its own anchor is not allowed)");
        }
        count(target.size(), place);
        return target;
    }

    private static JsonNode scalar(ScalarEvent event, Place place) throws YamlException {
        Optional<String> tag = event.getTag();
        if (tag.isPresent()) {
            return YamlScalars.tagged(tag.get(), event.getValue())
                    .orElseThrow(() -> new YamlException(
                            RejectionCode.MALFORMED_MANIFEST,
                            place,
                            "the tag " + tag.get() + " does not fit or is not supported"));
        }
        return event.isPlain()
                ? YamlScalars.plain(event.getValue())
                : JsonNodeFactory.instance.textNode(event.getValue());
    }

    private static void checkTag(CollectionStartEvent event, String expected, Place place) throws YamlException {
        Optional<String> tag = event.getTag();
        if (tag.isPresent() && !tag.get().equals(expected) && !tag.get().equals("!")) {
            throw new YamlException(
                    RejectionCode.MALFORMED_MANIFEST, place, "the tag " + tag.get() + " is not supported");
        }
    }

    private Sequence sequence(SequenceStartEvent start, Place place, int depth) throws YamlException {
        checkTag(start, "tag:yaml.org,2002:seq", place);
        List<YamlNode> items = new ArrayList<>();
        int size = 1;
        for (Event event = nextEvent(); event.getEventId() != Event.ID.SequenceEnd; event = nextEvent()) {
            YamlNode item = compose(event, depth + 1);
            size += item.size();
            items.add(item);
        }
        return new Sequence(place, size, items);
    }

    private Mapping mapping(MappingStartEvent start, Place place, int depth) throws YamlException {
        checkTag(start, "tag:yaml.org,2002:map", place);
        Map<String, Member> members = new LinkedHashMap<>();
        Map<String, Member> merged = new LinkedHashMap<>();
        int size = 1;
        for (Event event = nextEvent(); event.getEventId() != Event.ID.MappingEnd; event = nextEvent()) {
            Place keyPlace = place(event);
            boolean merge = event instanceof ScalarEvent scalar
                    && scalar.isPlain()
                    && scalar.getValue().equals(MERGE);
            String key = key(event, keyPlace, depth + 1);
            YamlNode value = compose(nextEvent(), depth + 1);
            size += value.size();
            if (merge) {
                merge(value, merged);
                continue;
            }
            Member earlier = members.putIfAbsent(key, new Member(keyPlace, value));
            if (earlier != null) {
                throw new YamlException(
                        RejectionCode.MALFORMED_MANIFEST,
                        keyPlace,
                        "duplicate key \"" + key + "\" (first at " + earlier.place() + ")");
            }
        }
        merged.forEach(members::putIfAbsent);
        return new Mapping(place, size, members);
    }

    /** The text of a scalar, whatever its type, as JSON needs it. */
    private String key(Event event, Place place, int depth) throws YamlException {
        YamlNode node = compose(event, depth);
        if (node instanceof Scalar scalar) {
            return event instanceof ScalarEvent written
                    ? written.getValue()
                    : scalar.value().asText();
        }
        throw new YamlException(RejectionCode.MALFORMED_MANIFEST, place, "a key must be a string");
    }

    /** YAML 1.1's merge key: members that are not there already, the first mapping first. */
    private static void merge(YamlNode value, Map<String, Member> into) throws YamlException {
        List<YamlNode> sources = value instanceof Sequence sequence ? sequence.items() : List.of(value);
        for (YamlNode source : sources) {
            if (!(source instanceof Mapping mapping)) {
                throw new YamlException(RejectionCode.MALFORMED_MANIFEST, value.place(), "<< merges mappings only");
            }
            mapping.members().forEach(into::putIfAbsent);
        }
    }
}
