import re


def redact(url):
    url = re.sub(r"//[^/?#]*@", "//***@", url)
    return re.sub(
        r"([^/?#&;=]*(?:token|key|secret|password|signature)[^/?#&;=]*=)[^&;#]*",
        r"\1***",
        url,
        flags=re.IGNORECASE,
    )
