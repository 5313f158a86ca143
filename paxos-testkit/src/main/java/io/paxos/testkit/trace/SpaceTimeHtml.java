package io.paxos.testkit.trace;

import io.paxos.protocol.Ballot;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A run as one HTML file that needs nothing else: open it from the disk in any browser.
 *
 * <p>The same run gives the same bytes. {@code #event=17} at the end of its address shows that event and its light
 * cone.
 */
public final class SpaceTimeHtml {
    private static final String PAGE = "page.html";
    private static final String STYLE = "page.css";
    private static final List<String> SCRIPTS = List.of(
            "model.js", "layout.js", "marks.js", "labels.js", "draw.js", "view.js", "panels.js", "input.js", "main.js");

    private SpaceTimeHtml() {}

    /**
     * Writes the page, and the directories that lead to it.
     *
     * @return the path, absolute
     * @throws UncheckedIOException if that fails
     */
    public static Path write(final Path path, final SpaceTime run) {
        final Path file = path.toAbsolutePath().normalize();
        try {
            Files.createDirectories(file.getParent());
            return Files.write(file, text(run).getBytes(StandardCharsets.UTF_8)); // half a surrogate pair becomes a ?
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot write the diagram " + file, e);
        }
    }

    /** The page. */
    public static String text(final SpaceTime run) {
        final StringBuilder scripts = new StringBuilder();
        for (final String script : SCRIPTS) {
            scripts.append(resource(script)).append('\n');
        }
        return resource(PAGE)
                .replace("{{title}}", escape(run.title()))
                .replace("{{style}}", resource(STYLE))
                .replace("{{script}}", scripts)
                .replace("{{run}}", json(run)); // last: nothing within it is taken for a place
    }

    /** The data of the page: arrays by id, ballots as text and in order, absent things left out. */
    static String json(final SpaceTime run) {
        final ScriptJson json = new ScriptJson().object();
        json.name("title").string(run.title());
        json.name("notes").array();
        run.notes().forEach(json::string);
        json.endArray().name("lifelines").array();
        for (final Lifeline line : run.lifelines()) {
            json.object().name("process").number(line.process());
            json.name("name").string(line.name()).endObject();
        }
        json.endArray().name("ballots").array();
        ballots(run).forEach(ballot -> json.string(Ballot.text(ballot)));
        json.endArray().name("events").array();
        run.events().forEach(event -> write(json, event));
        json.endArray().name("messages").array();
        run.messages().forEach(message -> write(json, message));
        json.endArray().name("cuts").array();
        run.cuts().forEach(cut -> write(json, cut));
        json.endArray();
        write(json, run.violation());
        return json.endObject().toString();
    }

    private static void write(final ScriptJson json, final Event event) {
        json.object().name("process").number(event.process());
        json.name("timeNs").number(event.timeNs());
        json.name("lamport").number(event.lamport());
        json.name("kind").string(event.kind().name());
        write(json, event.ballot(), event.slot(), event.throughSlot());
        json.name("text").string(event.text());
        if (!event.fields().isEmpty()) {
            json.name("fields").strings(event.fields());
        }
        json.endObject();
    }

    private static void write(final ScriptJson json, final Message message) {
        final MessageText text = message.text();
        json.object().name("from").number(message.from());
        json.name("to").number(message.to());
        json.name("sent").number(message.sentEvent());
        if (message.receivedEvent() != Message.NONE) {
            json.name("received").number(message.receivedEvent());
        }
        if (message.isLost()) {
            json.name("lostNs").number(message.lostNs());
            json.name("lostWhy").string(message.lostWhy());
        }
        json.name("type").string(text.type());
        write(json, text.ballot(), text.slot(), text.throughSlot());
        if (!text.fields().isEmpty()) {
            json.name("fields").strings(text.fields());
        }
        json.endObject();
    }

    private static void write(final ScriptJson json, final long ballot, final long slot, final long throughSlot) {
        if (ballot != Ballot.NONE) {
            json.name("ballot").string(Ballot.text(ballot));
        }
        if (slot != 0) {
            json.name("slot").number(slot);
        }
        if (throughSlot != 0) {
            json.name("throughSlot").number(throughSlot);
        }
    }

    private static void write(final ScriptJson json, final Cut cut) {
        json.object().name("from").number(cut.from());
        json.name("to").number(cut.to());
        json.name("fromNs").number(cut.fromNs());
        if (cut.untilNs() != Cut.FOREVER) {
            json.name("untilNs").number(cut.untilNs());
        }
        json.endObject();
    }

    private static void write(final ScriptJson json, final Violation violation) {
        if (violation == null) {
            return;
        }
        json.name("violation").object();
        json.name("rule").string(violation.rule());
        json.name("expected").string(violation.expected());
        json.name("actual").string(violation.actual());
        json.name("event").number(violation.event()).endObject();
    }

    private static List<Long> ballots(final SpaceTime run) {
        return LongStream.concat(
                        run.events().stream().mapToLong(Event::ballot),
                        run.messages().stream()
                                .mapToLong(message -> message.text().ballot()))
                .filter(ballot -> ballot != Ballot.NONE)
                .sorted()
                .distinct()
                .boxed()
                .toList();
    }

    private static String escape(final String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("{", "&#123;");
    }

    private static String resource(final String name) {
        try (InputStream stream = SpaceTimeHtml.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IllegalStateException("the page needs " + name + ", which is not beside this class");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (final IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }
}
