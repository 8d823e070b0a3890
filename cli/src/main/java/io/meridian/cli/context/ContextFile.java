package io.meridian.cli.context;

import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.text.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * {@code $XDG_CONFIG_HOME/meridian/contexts.yaml}, by default {@code ~/.config/meridian/contexts.yaml}:
 *
 * <pre>
 * current: dev
 * contexts:
 *   dev: {server: "127.0.0.1:15080", mesh: bookinfo}
 * </pre>
 *
 * <p>A missing file is an empty one. Writing replaces it at once, so that a reader never sees half of it; of two writers at the same time the later
 * wins.
 */
public final class ContextFile {
    private final Path path;

    public ContextFile(Path path) {
        this.path = path;
    }

    public static ContextFile of(Map<String, String> environment) {
        String xdg = environment.getOrDefault("XDG_CONFIG_HOME", "");
        Path config;
        if (xdg.isEmpty()) {
            String home = environment.getOrDefault("HOME", System.getProperty("user.home", "."));
            config = Path.of(home, ".config");
        } else {
            config = Path.of(xdg);
        }
        return new ContextFile(config.resolve("meridian").resolve("contexts.yaml"));
    }

    public Path path() {
        return path;
    }

    /**
     * The context that a command runs in.
     *
     * @param name null for the current one; an unknown name is a usage failure
     */
    public Context resolve(@Nullable String name) {
        if (name == null && !Files.exists(path)) {
            return Context.EMPTY;
        }
        Contexts contexts = read();
        String wanted = name != null ? name : contexts.current();
        if (wanted == null) {
            return Context.EMPTY;
        }
        if (!contexts.byName().containsKey(wanted)) {
            throw CliFailure.usage("there is no context \"" + wanted + "\" in " + path);
        }
        return contexts.get(wanted);
    }

    public Contexts read() {
        if (!Files.exists(path)) {
            return Contexts.NONE;
        }
        try {
            return parse(Yaml.parse(path.toString(), Files.readString(path)));
        } catch (IOException e) {
            throw CliFailure.usage(path + ": cannot be read: " + e.getMessage());
        }
    }

    private Contexts parse(@Nullable Object tree) {
        if (tree == null) {
            return Contexts.NONE;
        }
        Map<?, ?> top = map(tree, "the file");
        SortedMap<String, Context> byName = new TreeMap<>();
        Object contexts = top.get("contexts");
        if (contexts != null) {
            map(contexts, "contexts").forEach((name, value) -> {
                Map<?, ?> context = map(value, "contexts." + name);
                byName.put(
                        String.valueOf(name),
                        new Context(
                                text(context, "server", "contexts." + name),
                                text(context, "mesh", "contexts." + name)));
            });
        }
        return new Contexts(text(top, "current", "the file"), byName);
    }

    private Map<?, ?> map(@Nullable Object value, String where) {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw CliFailure.usage(path + ": " + where + " has to be a mapping");
    }

    private @Nullable String text(Map<?, ?> map, String key, String where) {
        Object value = map.get(key);
        if (value == null || value instanceof String) {
            return (String) value;
        }
        throw CliFailure.usage(path + ": " + where + ": " + key + " has to be a text");
    }

    public void write(Contexts contexts) {
        Map<String, Object> top = new LinkedHashMap<>();
        if (contexts.current() != null) {
            top.put("current", contexts.current());
        }
        Map<String, Object> byName = new LinkedHashMap<>();
        contexts.byName().forEach((name, context) -> {
            Map<String, Object> fields = new LinkedHashMap<>();
            if (context.server() != null) {
                fields.put("server", context.server());
            }
            if (context.mesh() != null) {
                fields.put("mesh", context.mesh());
            }
            byName.put(name, fields);
        });
        top.put("contexts", byName);
        try {
            Path folder = Files.createDirectories(path.toAbsolutePath().getParent());
            Path temporary = Files.createTempFile(folder, ".contexts", ".yaml");
            try {
                Files.writeString(temporary, Yaml.write(top));
                Files.move(temporary, path, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw new CliFailure(ExitCode.USAGE, path + ": cannot be written: " + e.getMessage());
        }
    }
}
