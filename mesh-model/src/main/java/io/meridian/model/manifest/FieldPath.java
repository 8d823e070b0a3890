package io.meridian.model.manifest;

import io.meridian.model.manifest.YamlNode.Mapping;
import io.meridian.model.manifest.YamlNode.Member;
import io.meridian.model.manifest.YamlNode.Scalar;
import io.meridian.model.manifest.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Paths as problems name them: "spec.http[0].match[1].headers[end-user].exact". */
final class FieldPath {
    /** A name, or what stands in brackets: up to the bracket that ends a step, for keys may have brackets and dots themselves. */
    private static final Pattern STEP = Pattern.compile("\\.?([^.\\[]+)|\\[(.*?)](?=[.\\[]|$)");

    private FieldPath() {}

    /** The place of the field, or of the nearest thing around it that is there. */
    static Place locate(YamlNode root, String path) {
        YamlNode node = root;
        Place place = root.place();
        for (String step : steps(path)) {
            switch (node) {
                case Mapping mapping -> {
                    Member member = mapping.members().get(step);
                    if (member == null) {
                        return place;
                    }
                    place = member.place();
                    node = member.value();
                }
                case Sequence sequence -> {
                    int index = index(step, sequence.items().size());
                    if (index < 0) {
                        return place;
                    }
                    node = sequence.items().get(index);
                    place = node.place();
                }
                case Scalar scalar -> {
                    return place;
                }
            }
        }
        return place;
    }

    private static int index(String step, int size) {
        if (step.isEmpty() || step.length() > 9 || !step.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return -1;
        }
        int index = Integer.parseInt(step);
        return index < size ? index : -1;
    }

    private static List<String> steps(String path) {
        List<String> steps = new ArrayList<>();
        Matcher matcher = STEP.matcher(path);
        while (matcher.find()) {
            String name = matcher.group(1);
            steps.add(name != null ? name : matcher.group(2));
        }
        return steps;
    }
}
