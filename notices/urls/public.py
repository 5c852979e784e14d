from django.urls import path, register_converter

from notices.views import public, public_feeds


class PublicLanguage:
    regex = "en|es"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PublicLanguage, "public_language")

urlpatterns = [
    path("public/", public.start, name="public_start"),
    path("<public_language:language>/", public.home, name="public_home"),
    path("<public_language:language>/about/", public.about, name="public_about"),
    path("<public_language:language>/projects/", public.project_list, name="public_projects"),
    path("<public_language:language>/projects.atom", public_feeds.atom, name="public_feed"),
    path("<public_language:language>/projects.json", public_feeds.projects_json, name="public_json"),
    path("<public_language:language>/projects/<slug:slug>/", public.project, name="public_project"),
    path("<public_language:language>/projects/<slug:slug>/map.png", public_feeds.project_map, name="public_map"),
    path("<public_language:language>/news/", public.news, name="public_news"),
    path("<public_language:language>/news/<int:release_id>/", public.release, name="public_release"),
    path(
        "<public_language:language>/news/<int:release_id>/map.png",
        public_feeds.release_map,
        name="public_release_map",
    ),
    path("<public_language:language>/report/", public.report, name="public_report"),
    path("<public_language:language>/help/", public.help_page, name="public_help"),
    path("<public_language:language>/help/sent/", public.help_sent, name="public_help_sent"),
    path("<public_language:language>/prevention/", public.topic_list, name="public_topics"),
    path("<public_language:language>/prevention/<slug:slug>/", public.topic, name="public_topic"),
]
