package io.meridian.model.history;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import io.meridian.model.history.StateObjects.Version;
import io.meridian.model.mesh.MeshState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** How two states differ, object by object. The diff of one event is that of the states right before and right after it. */
public final class StateDiff {
    private static final int CONTEXT_LINES = 3;

    public enum Change {
        ADDED,
        MODIFIED,
        REMOVED
    }

    /**
     * One object's difference.
     *
     * @param object its name, as in {@link EventSummary#objects}
     * @param unified a unified diff of its YAML, without resourceVersion, ending with a line feed
     */
    public record ObjectDiff(String object, Change change, String unified) {}

    private StateDiff() {}

    /** In the order of {@link StateYaml}; empty if nothing that a person configures differs. */
    public static List<ObjectDiff> between(MeshState before, MeshState after) {
        Map<String, String> old = StateYaml.texts(before, Version.HIDDEN);
        Map<String, String> young = StateYaml.texts(after, Version.HIDDEN);
        Set<String> objects = new TreeSet<>(ObjectName.DOCUMENT_ORDER);
        objects.addAll(old.keySet());
        objects.addAll(young.keySet());
        List<ObjectDiff> diffs = new ArrayList<>();
        for (String object : objects) {
            String was = old.getOrDefault(object, "");
            String is = young.getOrDefault(object, "");
            if (!was.equals(is)) {
                diffs.add(new ObjectDiff(object, change(was, is), unified(object, was, is)));
            }
        }
        return diffs;
    }

    /** All of them as one text. */
    public static String unified(List<ObjectDiff> diffs) {
        return diffs.stream().map(ObjectDiff::unified).collect(Collectors.joining());
    }

    private static Change change(String was, String is) {
        if (was.isEmpty()) {
            return Change.ADDED;
        }
        return is.isEmpty() ? Change.REMOVED : Change.MODIFIED;
    }

    private static String unified(String object, String was, String is) {
        List<String> old = was.lines().toList();
        List<String> young = is.lines().toList();
        List<String> lines = UnifiedDiffUtils.generateUnifiedDiff(
                "a/" + object, "b/" + object, old, DiffUtils.diff(old, young), CONTEXT_LINES);
        return String.join("\n", lines) + "\n";
    }
}
